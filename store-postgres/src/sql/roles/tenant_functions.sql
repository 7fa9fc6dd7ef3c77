grant execute on function "{schema}".horizon, "{schema}".drawn, "{schema}".find_append, "{schema}".append to "{prefix}_tenant"
