create trigger checked_outbox after insert or update or delete on "{schema}".outbox
    for each row execute function "{schema}".check_tenant()
