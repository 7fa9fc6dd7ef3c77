select stream.tenant, word.text, stream.name
from stream
join word on word.id = stream.category
where stream.id = ?1
