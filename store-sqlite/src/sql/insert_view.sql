insert into view (name, version, checkpoint) values (?1, ?2, ?3)
