-- Moves a projection that this transaction holds, and lets the transaction be committed.
create function "{schema}".move_projection(name text, version bigint, checkpoint text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    if current_setting('annals.holds', true) is distinct from move_projection.name then
        raise exception 'this is not the transaction that holds the projection' using errcode = 'invalid_transaction_termination';
    end if;
    update "{schema}".view as v set checkpoint = move_projection.checkpoint
     where v.name = move_projection.name and v.version = move_projection.version;
    perform set_config('annals.holds', '', true);
end $$
