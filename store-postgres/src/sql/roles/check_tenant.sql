-- What a role for one tenant appends is of its tenant, and nothing but events. It is the role that logged in that counts: within
-- `append` everybody is its owner.
create or replace function "{schema}".check_tenant() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_limited constant boolean := pg_has_role(session_user, '{prefix}_tenant', 'member')
        and not pg_has_role(session_user, (select relowner from pg_class where oid = tg_relid), 'usage');
    is_foreign boolean := is_limited;
begin
    if is_limited and tg_table_name = 'event' then
        is_foreign := exists (select from appended where appended.tenant is distinct from nullif(current_setting('annals.tenant', true), ''));
    end if;
    if is_foreign then
        raise exception 'the role % appends only events of the tenant in the setting annals.tenant', session_user
            using errcode = 'insufficient_privilege';
    end if;
    return null;
end $$
