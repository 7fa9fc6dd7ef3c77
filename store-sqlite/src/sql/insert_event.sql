-- Does nothing if the append is known: its first event is in the index of first events.
insert into event (
    position, stream, version, category, kind, schema_version, ordinal, recorded_at, encoding, id, append_id, tags,
    metadata, payload
)
values (
    ?1,  -- position
    ?2,  -- stream
    ?3,  -- version
    ?4,  -- category
    ?5,  -- kind
    ?6,  -- schema_version
    ?7,  -- ordinal
    ?8,  -- recorded_at
    ?9,  -- encoding
    ?10, -- id
    ?11, -- append_id
    ?12, -- tags
    ?13, -- metadata
    ?14  -- payload
)
on conflict (append_id) where ordinal = 0 do nothing
