grant usage on schema "{schema}" to "{prefix}_tenant"
