revoke all on all tables in schema "{schema}" from public, "{prefix}_reader", "{prefix}_writer", "{prefix}_archiver", "{prefix}_tenant"
