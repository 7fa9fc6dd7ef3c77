select last_position, last_stream from log where id = 0
