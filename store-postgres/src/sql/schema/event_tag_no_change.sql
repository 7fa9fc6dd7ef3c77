create trigger event_tag_no_change before update or delete on "{schema}".event_tag
    for each row execute function "{schema}".refuse_change()
