-- Positions may be given out anew in another database cluster, and on another timeline of the same.
select
    (select system_identifier::text from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8)
