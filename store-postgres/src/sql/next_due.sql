select min(due) from "{schema}".timer where category = $1 and due > $2
