-- Who notifies holds a lock of the whole database until it has committed, so it does not wait for the disk meanwhile: if the server
-- crashes, there is nobody left to be told.
select set_config('synchronous_commit', 'off', true), pg_notify($1, '')
