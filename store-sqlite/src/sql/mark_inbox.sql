-- Does nothing if the message is marked.
insert into inbox (consumer, message) values (?1, ?2) on conflict do nothing
