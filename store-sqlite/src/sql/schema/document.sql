create table document (
    view     integer not null,
    key      text    not null,
    encoding integer not null,
    data     blob    not null,
    primary key (view, key)
) strict, without rowid
