grant select on "{schema}".store, "{schema}".event, "{schema}".event_tag, "{schema}".timer, "{schema}".outbox, "{schema}".inbox,
    "{schema}".reserved_key, "{schema}".view, "{schema}".document, "{schema}".readable
    to "{prefix}_reader", "{prefix}_writer"
