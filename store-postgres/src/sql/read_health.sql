select horizon.place, "{schema}".drawn() from "{schema}".horizon()
