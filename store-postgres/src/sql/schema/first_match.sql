-- The first event after a position that a criterion of a condition matches. `tags` is not empty.
--
-- It follows the tag that leads to the fewest events, and looks at each of them.
create function "{schema}".first_match(
    tags       text[],
    names      text[],  -- empty: any
    categories text[],  -- empty: each that does not start with $, or each if `system`
    system     boolean,
    after      bigint
) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- a plan that was made for empty tables is kept while they grow
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
declare
    narrow text := tags[1];
    fewest  bigint;
    few     bigint;
    other   text;
    found   bigint;
begin
    if cardinality(tags) > 1 then
        foreach other in array tags loop
            select count(*) into few from (
                select from "{schema}".event_tag as t
                 where t.tag = other and t.position > first_match.after
                 order by t.tag, t.position limit 1000
            ) as some_of_them;
            if fewest is null or few < fewest then
                narrow := other;
                fewest := few;
            end if;
        end loop;
    end if;
    select e.position into found
      from "{schema}".event_tag as t
      join "{schema}".event as e on e.position = t.position
     where t.tag = narrow
       and t.position > first_match.after
       and e.tags @> first_match.tags
       and (cardinality(first_match.names) = 0 or e.name = any (first_match.names))
       and case when cardinality(first_match.categories) = 0
                then first_match.system or left(e.category, 1) <> '$'
                else e.category = any (first_match.categories) end
     order by t.tag, t.position
     limit 1;
    return found;
end $$
