select pg_advisory_xact_lock(hashtextextended('annals.' || $1, 0))
