create constraint trigger view_commit after insert or update on "{schema}".view deferrable initially deferred
    for each row when (starts_with(new.name, '$postgres.')) execute function "{schema}".refuse_commit()
