select
    current_setting('server_version_num')::integer,
    pg_is_in_recovery(),
    current_setting('fsync')::boolean and current_setting('full_page_writes')::boolean,
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)
