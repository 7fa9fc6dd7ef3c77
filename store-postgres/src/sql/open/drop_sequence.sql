-- Before anything was drawn from it.
drop sequence "{schema}".event_position
