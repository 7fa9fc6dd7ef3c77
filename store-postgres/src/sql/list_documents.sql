select document.key, document.encoding, document.data
from "{schema}".view
join "{schema}".document on document.view = view.id
where view.name = $1
    and view.version = $2
    and document.key >= $3
    and document.key < $5 -- the first that does not start with the prefix
    and ($4 or document.key > $3) -- whether `$3` itself belongs to the page
order by document.key
limit $6
