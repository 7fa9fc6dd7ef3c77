revoke all on all functions in schema "{schema}" from public
