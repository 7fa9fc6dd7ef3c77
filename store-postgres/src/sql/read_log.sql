-- A filter sees at most what this leaves: the words are the union over its criteria.
select
    position, version, name,
    nullif(schema_version, 1), -- what is usual is left out: each value costs server and client as much as the bytes of an event
    recorded_at,
    nullif(encoding, 1),
    id, append_id, tags, metadata, payload,
    nullif(tenant, ''), category, stream
from "{schema}".event
where position > $1 -- after
    and position <= case -- up to
        when $8::bigint is null then $2
        -- or to the event that exceeds the bound on bytes; evaluated only where there is one
        else coalesce(
            (
                select sized.position
                from (
                    select
                        event.position,
                        sum(octet_length(event.metadata) + octet_length(event.payload))
                            over (order by event.position rows unbounded preceding) as bytes
                    from "{schema}".event
                    where event.position > $1
                        and event.position <= $2
                        and ($3::text[] is null or event.name = any ($3))
                        and ($6 or ($4 and left(event.category, 1) <> '$') or event.category = any ($5))
                    order by event.position
                    limit $7
                ) as sized
                where sized.bytes >= $8
                order by sized.position
                limit 1
            ),
            $2
        )
    end
    and ($3::text[] is null or name = any ($3)) -- kinds of event; null: each
    -- whether each category of the application is wanted, and which others; or whether each is
    and ($6 or ($4 and left(category, 1) <> '$') or category = any ($5))
order by position
limit $7
