select place, in_flight from "{schema}".horizon()
