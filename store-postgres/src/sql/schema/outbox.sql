create table "{schema}".outbox (
    sequence bigint  not null generated always as identity,
    queue    text    not null collate "C",
    id       uuid    not null,
    key      text    not null,
    encoding integer not null,
    metadata bytea   not null,
    payload  bytea   not null,
    primary key (queue, id)
)
