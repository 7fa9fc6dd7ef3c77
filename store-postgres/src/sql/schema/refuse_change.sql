-- Who may delete from the tables at all is said by privileges; `remove_events` is the one way past this.
create function "{schema}".refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'DELETE' and current_setting('annals.removes', true) = 'on' then
        return old;
    end if;
    raise exception 'events are never changed: % on %.% is refused', lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'restrict_violation';
end $$
