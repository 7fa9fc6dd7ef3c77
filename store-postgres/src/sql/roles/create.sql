-- Nobody logs in as one of these: grant them to those who do.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['{prefix}_reader', '{prefix}_writer', '{prefix}_archiver', '{prefix}_tenant'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
end $$
