select uuid, format from "{schema}".store where id = 0
