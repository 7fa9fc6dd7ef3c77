-- Holds a projection for the rest of the transaction, puts it at its start where it is not there yet, or is to begin anew,
-- and says where it was. Another transaction that wants it waits.
create function "{schema}".hold_projection(name text, version bigint, start text, anew boolean)
returns table (at_version bigint, at_checkpoint text, is_new boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
    -- Below zero, where no lock of an append is.
    perform pg_advisory_xact_lock(
        '"{schema}".event_position'::regclass::oid::integer, hashtext(hold_projection.name) | (-2147483648)::integer
    );
    -- A statement of its own: it sees what was committed while this waited.
    select v.version, v.checkpoint into at_version, at_checkpoint
      from "{schema}".view as v
     where v.name = hold_projection.name
     order by v.version desc
     limit 1;
    is_new := at_version is null or at_version < hold_projection.version
        or (hold_projection.anew and at_version = hold_projection.version);
    if is_new then
        delete from "{schema}".view as v where v.name = hold_projection.name;
        insert into "{schema}".view (name, version, checkpoint)
        values (hold_projection.name, hold_projection.version, hold_projection.start);
    elsif at_version = hold_projection.version then
        -- Puts the trigger `view_commit` on guard.
        update "{schema}".view as v set checkpoint = v.checkpoint
         where v.name = hold_projection.name and v.version = hold_projection.version;
    end if;
    perform set_config('annals.holds', hold_projection.name, true);
    return next;
end $$
