select version, checkpoint from "{schema}".view where name = $1 order by version desc limit 1
