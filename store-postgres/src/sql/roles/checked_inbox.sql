create trigger checked_inbox after insert or update or delete on "{schema}".inbox
    for each row execute function "{schema}".check_tenant()
