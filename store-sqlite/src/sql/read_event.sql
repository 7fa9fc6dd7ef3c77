select position, stream, version, kind, schema_version, recorded_at, encoding, id, append_id, tags, metadata, payload
from event
where position = ?1
