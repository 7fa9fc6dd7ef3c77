select id from word where text = ?1
