grant select on "{schema}".store, "{schema}".event, "{schema}".event_tag to "{prefix}_archiver"
