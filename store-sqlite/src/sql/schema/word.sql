-- Categories and names of events, each kept once.
create table word (
    id   integer primary key,
    text text    not null unique
) strict
