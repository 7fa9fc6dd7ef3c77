-- Events that some criteria may match: for each, those with the one of its tags that leads to the fewest.
with wanted as (
    select given.tag, given.criterion, count(*) over (partition by given.criterion) as tags
    -- By `select`, their number is no part of the plan, so that one plan serves all and is made once.
    from unnest((select $1::text[]), (select $2::integer[])) as given (tag, criterion)
),
narrow as materialized (
    select distinct on (wanted.criterion) wanted.criterion, wanted.tag
    from wanted
    order by wanted.criterion, case when wanted.tags > 1 then (
        select count(*)
        from (
            select from "{schema}".event_tag
            where event_tag.tag = wanted.tag and event_tag.position > $3 and event_tag.position <= $4
            order by event_tag.tag, event_tag.position
            limit 1000
        ) as few
    ) end
),
candidate as materialized (
    select narrow.criterion, found.position
    from narrow
    cross join lateral (
        select event_tag.position
        from "{schema}".event_tag
        where event_tag.tag = narrow.tag and event_tag.position > $3 and event_tag.position <= $4
        order by event_tag.tag, event_tag.position
        limit (select $5::bigint) -- candidates of a criterion
    ) as found
),
-- How far the candidates are all there are.
reach as materialized (
    select coalesce(min(cut.position), $4) as position
    from (
        select max(candidate.position) as position
        from candidate
        group by candidate.criterion
        having count(*) >= $5
    ) as cut
)
select
    sized.position, version, name, nullif(schema_version, 1), recorded_at, nullif(encoding, 1), id, append_id, tags, metadata,
    payload, nullif(tenant, ''), category, stream, sized.reach
from (
    select
        place.position as position,
        event.version, event.name, event.schema_version, event.recorded_at, event.encoding, event.id, event.append_id,
        event.tags, event.metadata, event.payload, event.tenant, event.category, event.stream,
        place.reach,
        sum(octet_length(event.metadata) + octet_length(event.payload))
            over (order by place.position rows between unbounded preceding and 1 preceding) as before
    from (
        select distinct candidate.position, reach.position as reach
        from candidate
        join reach on candidate.position <= reach.position
    ) as place
    -- One that is archived leaves its place.
    left join lateral (
        select event.*
        from "{schema}".event
        where event.position = place.position
        offset 0 -- one look into the index for each
    ) as event on true
) as sized
where sized.before is null or sized.before < $6 -- bytes
order by sized.position
