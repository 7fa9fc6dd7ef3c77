-- disintegrate-postgres 4.0.1 writes an integer in hexadecimal digits in this function, which PostgreSQL reads from 16 on
-- only. On an older server its migration stops there; this is the function with the same three locks, and the steps after it.
create or replace function event_store_begin_epoch() returns void language plpgsql as $$
declare
    position bigint;
    database int;
begin
    select last_value into position from seq_event_event_id;
    select oid into database from pg_database where datname = current_database();
    perform
        pg_try_advisory_xact_lock_shared(database, 0),
        pg_try_advisory_xact_lock_shared(1, (position & 4294967295)::bit(32)::int),
        pg_try_advisory_xact_lock_shared(2, (position >> 32)::int);
end $$;
alter table event add column if not exists account_id text;
create index if not exists idx_event_account_id on event (account_id) where account_id is not null;
