-- One row: what was given out last is never given out again, also when events are archived.
create table log (
    id            integer primary key check (id = 0),
    epoch         blob    not null,
    last_position integer not null,
    last_stream   integer not null
) strict
