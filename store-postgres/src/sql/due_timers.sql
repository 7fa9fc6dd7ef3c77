select tenant, category, stream, name, due
from "{schema}".timer
where category = $1 and due <= $2
order by due, owner, name
limit $3
