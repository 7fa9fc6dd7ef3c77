-- What the role of this session lacks to create a store, in the words of a grant.
select
    current_user::text,
    array_remove(
        array[
            case when oid is null and not has_database_privilege(current_database(), 'create')
                then 'create on database ' || quote_ident(current_database()) end,
            case when not has_schema_privilege(oid, 'create') then 'create on schema ' || quote_ident($1) end,
            case when not has_schema_privilege(oid, 'usage') then 'usage on schema ' || quote_ident($1) end
        ],
        null
    )
from (select (select oid from pg_namespace where nspname = $1) as oid) as schema
