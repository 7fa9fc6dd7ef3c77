grant usage on schema "{schema}" to "{prefix}_reader", "{prefix}_writer", "{prefix}_archiver"
