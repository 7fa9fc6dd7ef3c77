-- The start of several streams, each from a version of its own: so many events, and no more once they have so many bytes.
select
    event.position, event.version, event.name,
    nullif(event.schema_version, 1), -- what is usual is left out: each value costs server and client as much as the bytes of an event
    event.recorded_at,
    nullif(event.encoding, 1),
    event.id, event.append_id, event.tags, event.metadata, event.payload,
    -- another stream with the same key, which there should not be
    case
        when event.tenant <> wanted.tenant or event.category <> wanted.category or event.stream <> wanted.stream
        then concat_ws(':', nullif(event.tenant, ''), event.category || '/' || event.stream)
    end,
    wanted.number
from unnest($1::uuid[], $2::bigint[], $5::text[], $6::text[], $7::text[]) with ordinality
    as wanted (key, since, tenant, category, stream, number)
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
