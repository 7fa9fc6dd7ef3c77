select verdicts, details, notes, firsts, lasts, bases
from "{schema}".append(
    $1, -- append_ids
    $2, -- is_conditional
    $3, -- can_refuse
    $4, -- look_for_known
    $5, -- lock_buckets
    $6, -- lock_exclusive
    $7, -- part_append
    $8, -- part_key
    $9, -- part_tenant
    $10, -- part_category
    $11, -- part_stream
    $12, -- part_expected
    $13, -- part_events
    $14, -- part_previous
    $15, -- event_part
    $16, -- event_offset
    $17, -- event_ordinal
    $18, -- event_id
    $19, -- event_name
    $20, -- event_version
    $21, -- event_encoding
    $22, -- event_tags
    $23, -- event_metadata
    $24, -- event_payload
    $25::text[]::jsonb[], -- conditions
    $26::text[]::jsonb[] -- effects
)
