-- The log. Content comes last, so that a scan that skips an event does not touch it.
create table event (
    position       integer primary key,
    stream         integer not null,
    version        integer not null,
    category       integer not null, -- word
    kind           integer not null, -- word
    schema_version integer not null,
    ordinal        integer not null, -- place in its append, from 0
    recorded_at    integer not null, -- microseconds since 1970
    encoding       integer not null, -- of the payload; 1: JSON
    id             blob    not null,
    append_id      blob    not null,
    tags           text,             -- JSON array, in ascending order; null: none
    metadata       blob    not null,
    payload        blob    not null
) strict
