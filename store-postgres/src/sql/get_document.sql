select document.encoding, document.data
from "{schema}".view
join "{schema}".document on document.view = view.id
where view.name = $1 and view.version = $2 and document.key = $3
