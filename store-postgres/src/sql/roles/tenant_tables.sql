grant select on "{schema}".store, "{schema}".event, "{schema}".event_tag, "{schema}".event_position to "{prefix}_tenant"
