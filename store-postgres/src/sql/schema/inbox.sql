create table "{schema}".inbox (
    consumer text not null collate "C",
    message  uuid not null,
    primary key (consumer, message)
)
