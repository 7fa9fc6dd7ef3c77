update log set last_position = last_position where id = 0
