select max(version) from event where stream = ?1
