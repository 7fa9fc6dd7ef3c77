select position, stream, version, kind, schema_version, recorded_at, encoding, id, append_id, tags, metadata, payload
from event indexed by event_version
where stream = ?1 and version >= ?2
order by version
