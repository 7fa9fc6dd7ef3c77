-- Events with all of some tags, by way of the tag that leads to the fewest.
with narrow as materialized (
    select wanted.tag
    from unnest($1::text[]) as wanted (tag)
    order by (
        select count(*)
        from (
            select from "{schema}".event_tag
            where event_tag.tag = wanted.tag and event_tag.position > $2 and event_tag.position <= $3
            order by event_tag.tag, event_tag.position
            limit 1000
        ) as few
    )
    limit 1
)
select
    event.position, event.version, event.name, event.schema_version, event.recorded_at, event.encoding, event.id,
    event.append_id, event.tags, event.metadata, event.payload, event.tenant, event.category, event.stream
from narrow
cross join lateral (
    select event_tag.position
    from "{schema}".event_tag
    where event_tag.tag = narrow.tag and event_tag.position > $2 and event_tag.position <= $3
    order by event_tag.tag, event_tag.position
    limit $4 -- candidates
) as candidate
join "{schema}".event on event.position = candidate.position
order by event.position
