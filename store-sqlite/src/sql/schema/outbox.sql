create table outbox (
    sequence integer primary key,
    queue    text    not null,
    id       blob    not null,
    key      text    not null,
    encoding integer not null,
    metadata blob    not null,
    payload  blob    not null,
    unique (queue, id)
) strict
