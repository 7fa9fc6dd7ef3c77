insert into outbox (queue, id, key, encoding, metadata, payload)
values (
    ?1, -- queue
    ?2, -- id
    ?3, -- key
    ?4, -- encoding
    ?5, -- metadata
    ?6  -- payload
)
on conflict (queue, id) do nothing
