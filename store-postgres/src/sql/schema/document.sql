create table "{schema}".document (
    view     bigint  not null,
    key      text    not null collate "C",
    encoding integer not null,
    data     bytea   not null,
    primary key (view, key)
)
