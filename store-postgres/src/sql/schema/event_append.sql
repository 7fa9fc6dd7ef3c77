-- Finds the first event of an append, and keeps an append from being stored twice.
create unique index event_append on "{schema}".event (append_id) where ordinal = 0
