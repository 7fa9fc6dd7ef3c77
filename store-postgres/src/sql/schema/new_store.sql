insert into "{schema}".store (format) values (1)
