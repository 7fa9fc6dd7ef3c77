-- Removes the events of a stream up to a version, for who has copied them elsewhere. The last event of the stream and the last of
-- the log stay: the one says how far the stream is, the other how far the log is.
create function "{schema}".remove_events(key uuid, up_to bigint) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    gone bigint[];
begin
    perform set_config('annals.removes', 'on', true);
    with removed as (
        delete from "{schema}".event as e
         where e.stream_key = remove_events.key
           and e.version <= remove_events.up_to
           and e.version < (select max(last.version) from "{schema}".event as last where last.stream_key = remove_events.key)
           and e.position < (select max(last.position) from "{schema}".event as last)
        returning e.position
    )
    select array_agg(removed.position) into gone from removed;
    delete from "{schema}".event_tag as t where t.position = any (gone);
    perform set_config('annals.removes', '', true);
    return coalesce(cardinality(gone), 0);
end $$
