select "{schema}".horizon(), "{schema}".drawn()
