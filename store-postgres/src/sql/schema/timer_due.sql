create index timer_due on "{schema}".timer (category, due)
