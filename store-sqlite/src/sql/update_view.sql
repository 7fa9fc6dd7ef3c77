update view set checkpoint = ?2 where id = ?1
