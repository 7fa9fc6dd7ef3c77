grant execute on function "{schema}".horizon, "{schema}".drawn, "{schema}".find_append, "{schema}".append, "{schema}".append_one to "{prefix}_tenant"
