-- Applies those effects of one append that can refuse it, in order: marks in the inbox and reserved keys. If one
-- refuses, none of them is left, and `effect` is its number among all effects of the append, from 1.
create function "{schema}".apply_refusable(effects jsonb, out effect integer, out note text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
    item   record;
    taker  record;
begin
    for item in
        select e.*
          from jsonb_to_recordset(effects) as e (
              number integer, kind text, consumer text, message uuid, tenant text, scope text, key text,
              owner_tenant text, owner_category text, owner_stream text
          )
         where e.kind in ('mark', 'reserve', 'release')
         order by e.number
    loop
        case item.kind
            when 'mark' then
                insert into "{schema}".inbox as i (consumer, message) values (item.consumer, item.message) on conflict do nothing;
                if not found then
                    effect := item.number;
                end if;
            when 'reserve' then
                -- Who has it may give it back between the two statements.
                loop
                    insert into "{schema}".reserved_key as k (tenant, scope, key, owner_tenant, owner_category, owner_stream)
                    values (item.tenant, item.scope, item.key, item.owner_tenant, item.owner_category, item.owner_stream)
                    on conflict do nothing;
                    exit when found;
                    select k.owner_tenant as tenant, k.owner_category as category, k.owner_stream as stream into taker
                      from "{schema}".reserved_key as k
                     where k.tenant = item.tenant and k.scope = item.scope and k.key = item.key;
                    if found then
                        if (taker.tenant, taker.category, taker.stream)
                            <> (item.owner_tenant, item.owner_category, item.owner_stream)
                        then
                            effect := item.number;
                            note := json_build_array(taker.tenant, taker.category, taker.stream)::text;
                        end if;
                        exit;
                    end if;
                end loop;
            else
                delete from "{schema}".reserved_key as k
                 where k.tenant = item.tenant
                   and k.scope = item.scope
                   and k.key = item.key
                   and k.owner_tenant = item.owner_tenant
                   and k.owner_category = item.owner_category
                   and k.owner_stream = item.owner_stream;
        end case;
        if effect is not null then
            raise exception using errcode = 'AN001';
        end if;
    end loop;
exception
    -- Leaving by an exception takes back what was applied before; the outputs keep their values.
    when sqlstate 'AN001' then
        return;
end $$
