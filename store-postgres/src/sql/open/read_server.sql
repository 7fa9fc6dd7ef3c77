select
    current_setting('server_version_num')::integer,
    pg_is_in_recovery(),
    current_setting('fsync')::boolean and current_setting('full_page_writes')::boolean
