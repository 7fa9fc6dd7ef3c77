create trigger event_no_change before update or delete on "{schema}".event
    for each row execute function "{schema}".refuse_change()
