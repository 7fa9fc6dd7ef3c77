create function "{schema}".refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'events are never changed: % on %.% is refused', lower(tg_op), tg_table_schema, tg_table_name
        using errcode = 'restrict_violation';
end $$
