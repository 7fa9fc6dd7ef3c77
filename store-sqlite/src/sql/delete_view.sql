delete from view where id = ?1
