insert into word (text) values (?1)
