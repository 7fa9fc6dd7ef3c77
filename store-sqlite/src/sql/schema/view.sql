create table view (
    id         integer primary key,
    name       text    not null,
    version    integer not null,
    checkpoint text    not null, -- JSON
    unique (name, version)
) strict
