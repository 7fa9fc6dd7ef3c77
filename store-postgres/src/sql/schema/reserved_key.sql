create table "{schema}".reserved_key (
    tenant         text not null collate "C",
    scope          text not null collate "C",
    key            text not null collate "C",
    owner_tenant   text not null,
    owner_category text not null,
    owner_stream   text not null,
    primary key (tenant, scope, key)
)
