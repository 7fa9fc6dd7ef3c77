select "{schema}".horizon()
