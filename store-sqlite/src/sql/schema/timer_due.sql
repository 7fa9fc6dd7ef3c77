create index timer_due on timer (category, due)
