insert into event_tag (tag, position) values (?1, ?2)
