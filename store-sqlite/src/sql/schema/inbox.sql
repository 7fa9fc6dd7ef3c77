create table inbox (
    consumer text not null,
    message  blob not null,
    primary key (consumer, message)
) strict, without rowid
