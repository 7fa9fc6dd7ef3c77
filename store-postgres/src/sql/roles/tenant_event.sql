create policy tenant on "{schema}".event for select to "{prefix}_tenant"
    using (tenant = current_setting('annals.tenant', true))
