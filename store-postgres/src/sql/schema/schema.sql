-- `create schema if not exists` takes the privilege to create one also where there is one.
do $$
begin
    if not exists (select from pg_namespace where nspname = '{schema}') then
        create schema "{schema}";
    end if;
end $$
