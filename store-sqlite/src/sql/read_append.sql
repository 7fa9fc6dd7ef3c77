-- The events of an append follow one another: read on until the append is another.
select position, append_id, stream, version from event where position >= ?1 order by position
