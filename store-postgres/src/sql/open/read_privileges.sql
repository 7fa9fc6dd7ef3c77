-- What the role of this session lacks in a store, in the words of a grant. A role that may do one thing besides reading and appending
-- is one of a service, which needs all of it. In a schema that has no table nothing is lacking.
with wanted (kind, name, of_service) as (
    values
        ('table', 'store', false), ('table', 'event', false), ('table', 'event_tag', false), ('table', 'timer', true),
        ('table', 'outbox', true), ('table', 'inbox', true), ('table', 'reserved_key', true), ('table', 'view', true),
        ('table', 'document', true), ('function', 'horizon', false), ('function', 'drawn', false),
        ('function', 'find_append', false), ('function', 'append', true), ('function', 'append_one', true), ('function', 'commit_view', true),
        ('function', 'reset_view', true), ('function', 'hold_projection', true), ('function', 'move_projection', true),
        ('function', 'settle', true)
), schema as (
    select oid from pg_namespace where nspname = $1 and exists (select from pg_class where relnamespace = pg_namespace.oid)
), privilege (name, is_granted, of_service, starts_service) as (
    select 'usage on schema ' || quote_ident($1), has_schema_privilege(schema.oid, 'usage'), false, false from schema
    union all
    select 'select on sequence ' || quote_ident($1) || '.event_position', has_sequence_privilege(pg_class.oid, 'select'), false, false
      from schema join pg_class on relnamespace = schema.oid and relname = 'event_position' and relkind = 'S'
    union all
    select 'select on ' || quote_ident($1) || '.' || relname, has_table_privilege(pg_class.oid, 'select'), wanted.of_service, false
      from schema join pg_class on relnamespace = schema.oid join wanted on kind = 'table' and name = relname
    union all
    select 'execute on function ' || quote_ident($1) || '.' || proname, has_function_privilege(pg_proc.oid, 'execute'), wanted.of_service,
           wanted.of_service and proname not in ('append', 'append_one')
      from schema join pg_proc on pronamespace = schema.oid join wanted on kind = 'function' and name = proname
)
select
    current_user::text,
    coalesce(
        array_agg(name order by name) filter (
            where not is_granted
              and (not of_service or exists (select from privilege as other where other.starts_service and other.is_granted))
        ),
        '{}'
    )
from privilege
