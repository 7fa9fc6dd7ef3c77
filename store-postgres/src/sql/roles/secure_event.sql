alter table "{schema}".event enable row level security
