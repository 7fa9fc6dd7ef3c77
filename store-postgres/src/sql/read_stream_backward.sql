select
    position, version, name, schema_version, recorded_at, encoding, id, append_id, tags, metadata, payload,
    tenant, category, stream
from "{schema}".event
where stream_key = $1 and version <= $2
order by version desc
limit $3
