create table "{schema}".timer (
    owner    uuid   not null, -- key of the stream
    name     text   not null collate "C",
    due      bigint not null, -- microseconds since 1970
    tenant   text   not null,
    category text   not null collate "C",
    stream   text   not null,
    primary key (owner, name)
)
