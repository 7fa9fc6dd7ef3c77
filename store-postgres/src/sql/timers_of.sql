select tenant, category, stream, name, due from "{schema}".timer where owner = $1 order by name
