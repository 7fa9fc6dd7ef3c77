drop trigger if exists checked_reserved_key on "{schema}".reserved_key
