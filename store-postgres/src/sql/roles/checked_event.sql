create trigger checked_event after insert on "{schema}".event referencing new table as appended
    for each statement execute function "{schema}".check_tenant()
