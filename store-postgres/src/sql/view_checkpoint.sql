select checkpoint from "{schema}".view where name = $1 and version = $2
