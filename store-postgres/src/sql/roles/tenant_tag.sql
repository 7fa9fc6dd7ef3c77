-- The events are seen under their own policy.
create policy tenant on "{schema}".event_tag for select to "{prefix}_tenant"
    using (exists (select from "{schema}".event where event.position = event_tag.position))
