-- The position up to which nothing can appear any more.
--
-- A writer that will have positions holds a shared advisory lock with the value that the sequence had before it drew
-- them (`append`). Everything at or below the lowest such value, and at or below what was drawn when this looked, is
-- committed or will never be:
--   - a writer that held its lock when the locks were read has its positions above the value in the lock;
--   - one that had ended before was visible before its lock went;
--   - one that took its lock later drew its positions after the sequence was read here.
-- So the value of the sequence comes first, the locks second, and the events third, in a later statement of the reader.
--
-- It is no higher than the last event either: what was drawn and rolled back may not be on the disk, and a server that
-- crashes would draw it again.
--
-- The sequence is read by `pg_sequence_last_value`, under the lock of its page: while `nextval` writes to the log, the
-- row shows a value that is up to 32 ahead, and who selects it may see that.
create function "{schema}".horizon(
    out place     bigint,
    out in_flight boolean -- whether a writer had positions, or was about to draw them
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    drawn  bigint;
    lowest bigint;
    stored bigint;
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'the horizon is read in READ COMMITTED: in this transaction events below it would not be seen'
            using errcode = 'invalid_transaction_state';
    end if;
    if pg_is_in_recovery() then
        raise exception 'the horizon cannot be read on a standby: its locks are not those of the primary'
            using errcode = 'read_only_sql_transaction';
    end if;
    drawn := coalesce(pg_sequence_last_value('"{schema}".event_position'), 0);
    select min(((locks.classid::bigint & 65535) << 32) | locks.objid::bigint) into lowest
      from pg_locks as locks
     where locks.locktype = 'advisory'
       and locks.objsubid = 1
       and locks.mode = 'ShareLock'
       and locks.classid::bigint >> 16 = '"{schema}".event_position'::regclass::oid::bigint % 32768
       and locks.database = (select oid from pg_database where datname = current_database());
    select coalesce(max(position), 0) into stored from "{schema}".event;
    place := least(drawn, lowest, stored);
    in_flight := lowest is not null;
end $$
