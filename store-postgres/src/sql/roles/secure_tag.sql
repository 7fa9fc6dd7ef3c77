alter table "{schema}".event_tag enable row level security
