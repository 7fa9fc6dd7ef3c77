select id, key, encoding, metadata, payload from "{schema}".outbox where queue = $1 order by sequence limit $2
