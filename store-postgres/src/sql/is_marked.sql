select exists (select from "{schema}".inbox where consumer = $1 and message = $2)
