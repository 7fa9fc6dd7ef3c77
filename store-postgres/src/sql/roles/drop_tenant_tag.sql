drop policy if exists tenant on "{schema}".event_tag
