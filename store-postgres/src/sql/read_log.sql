-- A filter sees at most what this leaves: the words are the union over its criteria.
select
    position, version, name, schema_version, recorded_at, encoding, id, append_id, tags, metadata, payload,
    tenant, category, stream
from "{schema}".event
where position > $1 -- after
    and position <= $2 -- up to
    and ($3::text[] is null or name = any ($3)) -- kinds of event; null: each
    -- whether each category of the application is wanted, and which others; or whether each is
    and ($6 or ($4 and left(category, 1) <> '$') or category = any ($5))
order by position
limit $7
