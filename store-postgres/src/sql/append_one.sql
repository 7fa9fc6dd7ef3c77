select "{schema}".append_one(
    $1, -- append_id
    $2, -- lock_buckets
    $3, -- part_key
    $4, -- tenant
    $5, -- category
    $6, -- stream
    $7, -- expected
    $8, -- event_id
    $9, -- name
    $10, -- version
    $11, -- encoding
    $12::text[], -- tags
    $13, -- metadata
    $14 -- payload
)
