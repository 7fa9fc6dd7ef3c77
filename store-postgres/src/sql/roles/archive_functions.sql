grant execute on function "{schema}".remove_events to "{prefix}_archiver"
