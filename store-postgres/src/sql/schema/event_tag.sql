-- Only events that have tags are in here.
create table "{schema}".event_tag (
    tag      text   not null collate "C",
    position bigint not null,
    primary key (tag, position)
)
