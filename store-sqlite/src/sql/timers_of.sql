select tenant, category, stream, name, due from timer where owner = ?1 order by name
