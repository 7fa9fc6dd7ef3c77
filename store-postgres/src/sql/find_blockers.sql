-- Who holds announcements (`horizon`), the lowest first. With the rights of the caller, so that the statements of others are
-- shown to those only who may see them: to the rest, such a session is a process without a state.
with held as (
    select
        locks.pid,
        locks.virtualtransaction,
        min(((locks.classid::bigint & 65535) << 32) | locks.objid::bigint) as announced
    from pg_locks as locks
    where locks.locktype = 'advisory'
        and locks.objsubid = 1
        and locks.mode = 'ShareLock'
        and locks.granted
        and locks.classid::bigint >> 16 = '"{schema}".event_position'::regclass::oid::bigint % 32768
        and locks.database = (select oid from pg_database where datname = current_database())
    group by locks.pid, locks.virtualtransaction
)
select
    held.announced,
    held.pid,
    prepared.gid,
    session.state,
    (extract(epoch from clock_timestamp() - coalesce(session.xact_start, prepared.prepared)) * 1000000)::bigint,
    (extract(epoch from clock_timestamp() - session.query_start) * 1000000)::bigint,
    nullif(session.application_name, ''),
    left(nullif(session.query, '<insufficient privilege>'), 120)
from held
left join pg_stat_activity as session on session.pid = held.pid
-- What is prepared has no process. It still holds the lock of its own transaction.
left join lateral (
    select pg_prepared_xacts.gid, pg_prepared_xacts.prepared
    from pg_locks as own
    join pg_prepared_xacts on pg_prepared_xacts.transaction = own.transactionid
    where own.locktype = 'transactionid' and own.pid is null and own.virtualtransaction = held.virtualtransaction
    limit 1
) as prepared on held.pid is null
order by held.announced, held.pid
limit 16
