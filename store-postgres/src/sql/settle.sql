select "{schema}".settle($1, $2)
