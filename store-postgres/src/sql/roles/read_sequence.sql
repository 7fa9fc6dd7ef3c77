-- To see where it is. Who draws from it needs another privilege, which nobody has.
grant select on sequence "{schema}".event_position to "{prefix}_reader", "{prefix}_writer"
