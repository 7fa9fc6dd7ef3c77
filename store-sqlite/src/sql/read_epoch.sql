select epoch from log where id = 0
