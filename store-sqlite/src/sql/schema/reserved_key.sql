create table reserved_key (
    tenant         text not null,
    scope          text not null,
    key            text not null,
    owner_tenant   text not null,
    owner_category text not null,
    owner_stream   text not null,
    primary key (tenant, scope, key)
) strict, without rowid
