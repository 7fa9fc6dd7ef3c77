-- The last position that was drawn. Who may not read the sequence may know this.
create function "{schema}".drawn() returns bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(pg_sequence_last_value('"{schema}".event_position'), 0)
$$
