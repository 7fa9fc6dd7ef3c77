select min(due) from timer where category = ?1 and due > ?2
