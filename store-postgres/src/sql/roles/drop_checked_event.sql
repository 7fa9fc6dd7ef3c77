drop trigger if exists checked_event on "{schema}".event
