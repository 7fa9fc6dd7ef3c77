create table timer (
    owner    blob    not null, -- key of the stream
    name     text    not null,
    due      integer not null, -- microseconds since 1970
    tenant   text    not null,
    category text    not null,
    stream   text    not null,
    primary key (owner, name)
) strict, without rowid
