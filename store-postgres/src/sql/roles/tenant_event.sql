-- A setting that was local to a transaction is empty afterwards, and empty is the tenant of whoever has none.
create policy tenant on "{schema}".event for select to "{prefix}_tenant"
    using (tenant = nullif(current_setting('annals.tenant', true), ''))
