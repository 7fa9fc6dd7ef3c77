-- Never backwards: positions that were drawn are not drawn again.
select setval(
    '"{schema}".event_position',
    greatest(
        (select coalesce(max(position), 0) from "{schema}".event),
        coalesce(pg_sequence_last_value('"{schema}".event_position'), 0),
        1
    )
)
