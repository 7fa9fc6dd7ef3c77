-- The log for people: `select * from readable order by position desc limit 20`.
create view readable as
select
    event.position,
    stream.tenant,
    category.text as category,
    stream.name as stream,
    event.version,
    kind.text as name,
    event.schema_version,
    strftime('%Y-%m-%dT%H:%M:%fZ', event.recorded_at / 1000000.0, 'unixepoch') as recorded_at,
    iif(event.encoding = 1, cast(event.payload as text), hex(event.payload)) as payload,
    cast(event.metadata as text) as metadata,
    event.tags
from event
join stream on stream.id = event.stream
join word as category on category.id = event.category
join word as kind on kind.id = event.kind
