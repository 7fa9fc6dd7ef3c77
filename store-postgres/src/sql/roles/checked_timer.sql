create trigger checked_timer after insert or update or delete on "{schema}".timer
    for each row execute function "{schema}".check_tenant()
