drop policy if exists service on "{schema}".event
