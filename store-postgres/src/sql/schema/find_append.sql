-- The events of the append with an id, of which only the first can be found by it: the others follow it in the log. With the rights
-- of the caller, who sees no more of them than of the log.
create function "{schema}".find_append(id uuid)
returns table (place bigint, version bigint, tenant text, category text, stream text)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- a plan that was made for empty tables is kept while they grow
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select event.position, event.version, event.tenant, event.category, event.stream
      from "{schema}".event as first
     cross join lateral (
         select following.position, following.version, following.tenant, following.category, following.stream
           from (
               select e.position, e.append_id, e.version, e.tenant, e.category, e.stream
                 from "{schema}".event as e
                where e.position >= first.position
                order by e.position
               offset 0 -- keeps the order of reading, so that it stops with the last event of the append
           ) as following
          where following.append_id = first.append_id
          limit first.append_events
     ) as event
     where first.append_id = find_append.id and first.ordinal = 0
     order by event.position;
end $$
