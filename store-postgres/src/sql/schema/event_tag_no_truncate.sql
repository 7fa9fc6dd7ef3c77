create trigger event_tag_no_truncate before truncate on "{schema}".event_tag
    for each statement execute function "{schema}".refuse_change()
