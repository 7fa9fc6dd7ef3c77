-- A filter sees at most what this leaves: the words are the union over its criteria.
select position, stream, version, kind, schema_version, recorded_at, encoding, id, append_id, tags, metadata, payload
from event
where position > ?1 -- after
    and position <= ?2 -- up to
    -- kinds of event as a JSON array; null: each
    and (?3 is null or kind in (select word.id from json_each(?3) as wanted join word on word.text = wanted.value))
    -- whether each category of the application is wanted, and which others, as a JSON array; or whether each is
    and (
        ?6 or
        (?4 and category not in (select id from word where text >= '$' and text < '%'))
        or category in (select word.id from json_each(?5) as wanted join word on word.text = wanted.value)
    )
order by position
