create table if not exists event (
    position bigint generated always as identity,
    stream text not null,
    version bigint not null,
    kind text not null,
    payload jsonb not null,
    tag text,
    at timestamptz not null default now(),
    primary key (stream, version)
);
create unique index if not exists event_position on event (position);
create index if not exists event_tag on event (tag, position) where tag is not null;
create table if not exists counter (id text primary key, events bigint not null, total bigint not null);
create table if not exists checkpoint (name text primary key, position bigint not null);
