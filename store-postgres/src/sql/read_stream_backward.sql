select
    position, version, name,
    nullif(schema_version, 1), -- what is usual is left out: each value costs server and client as much as the bytes of an event
    recorded_at,
    nullif(encoding, 1),
    id, append_id, tags, metadata, payload,
    -- another stream with the same key, which there should not be
    case when tenant <> $5 or category <> $6 or stream <> $7 then concat_ws(':', nullif(tenant, ''), category || '/' || stream) end
from "{schema}".event
where stream_key = $1
    and version <= $2
    -- down to the first event that does not fit any more; evaluated only where there is a bound on bytes
    and version >= case
        when $4::bigint is null then 0
        else coalesce(
            (
                select sized.version
                from (
                    select
                        event.version,
                        sum(octet_length(event.metadata) + octet_length(event.payload))
                            over (order by event.version desc rows between unbounded preceding and 1 preceding) as before
                    from "{schema}".event
                    where event.stream_key = $1 and event.version <= $2
                    order by event.version desc
                    limit $3
                ) as sized
                where sized.before >= $4
                order by sized.version desc
                limit 1
            ),
            0
        )
    end
order by version desc
limit $3
