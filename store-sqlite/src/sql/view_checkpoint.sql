select id, checkpoint from view where name = ?1 and version = ?2
