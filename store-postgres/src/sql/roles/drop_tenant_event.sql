drop policy if exists tenant on "{schema}".event
