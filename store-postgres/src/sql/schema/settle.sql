-- Takes messages out of a queue, once they were delivered.
create function "{schema}".settle(queue text, messages uuid[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from "{schema}".outbox as o where o.queue = settle.queue and o.id = any (settle.messages);
end $$
