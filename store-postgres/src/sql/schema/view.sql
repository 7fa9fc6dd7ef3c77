create table "{schema}".view (
    id         bigint  not null generated always as identity primary key,
    name       text    not null collate "C",
    version    bigint  not null, -- 32 bits without sign
    checkpoint text    not null, -- JSON
    unique (name, version)
)
