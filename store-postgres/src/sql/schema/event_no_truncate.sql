create trigger event_no_truncate before truncate on "{schema}".event
    for each statement execute function "{schema}".refuse_change()
