select document.encoding, document.data
from view
join document on document.view = view.id
where view.name = ?1 and view.version = ?2 and document.key = ?3
