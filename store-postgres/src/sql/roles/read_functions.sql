grant execute on function "{schema}".horizon, "{schema}".drawn, "{schema}".find_append to "{prefix}_reader", "{prefix}_writer"
