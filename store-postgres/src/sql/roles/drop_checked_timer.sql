drop trigger if exists checked_timer on "{schema}".timer
