select id, version, checkpoint from view where name = ?1 order by version desc limit 1
