-- Streams: the key tells them apart, the readable parts are compared with it.
create table stream (
    id       integer primary key,
    key      blob    not null unique,
    tenant   text    not null,
    category integer not null, -- word
    name     text    not null
) strict
