delete from timer where owner = ?1 and name = ?2
