select document.key, document.encoding, document.data
from "{schema}".view
join "{schema}".document on document.view = view.id
where view.name = $1
    and view.version = $2
    and document.key >= $3
    and ($4 or document.key > $3) -- whether `$3` itself belongs to the page
    and starts_with(document.key, $5)
order by document.key
limit $6
