-- Only events that have tags are in here.
create table event_tag (
    tag      text    not null,
    position integer not null,
    primary key (tag, position)
) strict, without rowid
