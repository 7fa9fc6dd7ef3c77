insert into log (id, epoch, last_position, last_stream) values (0, ?1, 0, 0)
