create trigger checked_reserved_key after insert or update or delete on "{schema}".reserved_key
    for each row execute function "{schema}".check_tenant()
