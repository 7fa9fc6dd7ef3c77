drop trigger if exists checked_inbox on "{schema}".inbox
