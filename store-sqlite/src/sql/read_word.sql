select text from word where id = ?1
