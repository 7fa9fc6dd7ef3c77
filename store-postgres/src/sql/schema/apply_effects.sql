-- Applies the effects that refuse nothing, of the appends that are stored: messages and timers.
create function "{schema}".apply_effects(effects jsonb[], verdicts integer[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    insert into "{schema}".outbox (queue, id, key, encoding, metadata, payload)
    select e.queue, e.id, e.key, e.encoding, decode(e.metadata, 'hex'), decode(e.payload, 'hex')
      from unnest(effects) with ordinality as a (items, append),
           jsonb_to_recordset(a.items) as e (
               number integer, kind text, queue text, id uuid, key text, encoding integer, metadata text, payload text
           )
     where e.kind = 'enqueue' and apply_effects.verdicts[a.append] = 0
     order by a.append, e.number
    on conflict (queue, id) do nothing;

    -- Of what happens to one timer in a batch, the last counts.
    with last as materialized (
        select distinct on (e.owner, e.name) e.owner, e.name, e.due, e.tenant, e.category, e.stream
          from unnest(effects) with ordinality as a (items, append),
               jsonb_to_recordset(a.items) as e (
                   number integer, kind text, owner uuid, name text, due bigint, tenant text, category text, stream text
               )
         where e.kind = 'timer' and apply_effects.verdicts[a.append] = 0
         order by e.owner, e.name, a.append desc, e.number desc
    ), cancelled as (
        delete from "{schema}".timer as t using last where last.due is null and t.owner = last.owner and t.name = last.name
    )
    insert into "{schema}".timer (owner, name, due, tenant, category, stream)
    select last.owner, last.name, last.due, last.tenant, last.category, last.stream from last where last.due is not null
    on conflict (owner, name) do update
        set due = excluded.due, tenant = excluded.tenant, category = excluded.category, stream = excluded.stream;
end $$
