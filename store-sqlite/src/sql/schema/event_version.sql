create unique index event_version on event (stream, version)
