delete from view where name = ?1
