-- The log for people: `select * from annals.readable order by position desc limit 20`.
create view "{schema}".readable as
select
    position,
    tenant,
    category,
    stream,
    version,
    name,
    schema_version,
    to_timestamp(recorded_at / 1000000.0) as recorded_at,
    case when encoding = 1 then convert_from(payload, 'UTF8') else encode(payload, 'hex') end as payload,
    convert_from(metadata, 'UTF8') as metadata,
    tags
from "{schema}".event
