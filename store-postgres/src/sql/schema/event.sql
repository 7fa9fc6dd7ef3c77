-- The log. Columns of a fixed size come first, so that a scan that skips an event does little.
create table "{schema}".event (
    position       bigint  not null primary key,
    version        bigint  not null,
    recorded_at    bigint  not null, -- microseconds since 1970
    schema_version bigint  not null, -- 32 bits without sign
    ordinal        integer not null, -- place in its append, from 0
    append_events  integer not null, -- how many its append has
    encoding       integer not null, -- of the payload; 1: JSON
    stream_key     uuid    not null,
    id             uuid    not null,
    append_id      uuid    not null,
    category       text    not null collate "C",
    name           text    not null collate "C",
    tenant         text    not null collate "C",
    stream         text    not null collate "C",
    tags           text[],           -- in ascending order; null: none
    metadata       bytea   not null,
    payload        bytea   not null,
    constraint event_version unique (stream_key, version)
)
