create policy service on "{schema}".event_tag for select to "{prefix}_reader", "{prefix}_writer", "{prefix}_archiver" using (true)
