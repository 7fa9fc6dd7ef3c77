select min(position) from "{schema}".event where position > $1 and position <= $2
