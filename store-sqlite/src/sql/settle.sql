delete from outbox where queue = ?1 and id = ?2
