select 1 from inbox where consumer = ?1 and message = ?2
