update log set last_position = ?1, last_stream = ?2 where id = 0
