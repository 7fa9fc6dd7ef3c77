-- The start of several streams, each from a version of its own: so many events, and no more once they have so many bytes.
select
    event.position, event.version, event.name, event.schema_version, event.recorded_at, event.encoding, event.id,
    event.append_id, event.tags, event.metadata, event.payload, event.tenant, event.category, event.stream,
    wanted.number
from unnest($1::uuid[], $2::bigint[]) with ordinality as wanted (key, since, number)
cross join lateral (
    select *
    from (
        select
            *,
            sum(octet_length(metadata) + octet_length(payload))
                over (order by version rows between unbounded preceding and 1 preceding) as before
        from "{schema}".event
        where stream_key = wanted.key and version >= wanted.since
        order by version
        limit $3
    ) as bounded
    where coalesce(before, 0) < $4
) as event
