-- Changes documents of a view and moves its checkpoint, if the view is where the changes start from. Returns where the
-- view is if it is elsewhere, the empty text if it has no checkpoint but should, and null if the changes are stored.
create function "{schema}".commit_view(
    name          text,
    version       bigint,
    expected      text,   -- null: the view has no checkpoint yet
    checkpoint    text,
    put_keys      text[],
    put_encodings integer[],
    put_data      bytea[],
    deleted_keys  text[]
) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    found_id bigint;
    actual   text;
begin
    loop
        exit when commit_view.expected is not null;
        insert into "{schema}".view (name, version, checkpoint)
        values (commit_view.name, commit_view.version, commit_view.checkpoint)
        on conflict do nothing
        returning id into found_id;
        exit when found_id is not null;
        -- One that is reset at this moment is gone by now, and then the view is new.
        perform from "{schema}".view as v where v.name = commit_view.name and v.version = commit_view.version for update;
        exit when found;
    end loop;
    if found_id is null then
        select v.id, v.checkpoint into found_id, actual
          from "{schema}".view as v
         where v.name = commit_view.name and v.version = commit_view.version
           for update;
        if actual is distinct from commit_view.expected then
            return coalesce(actual, '');
        end if;
        update "{schema}".view as v set checkpoint = commit_view.checkpoint where v.id = found_id;
    end if;
    if cardinality(commit_view.deleted_keys) > 0 then
        delete from "{schema}".document as d where d.view = found_id and d.key = any (commit_view.deleted_keys);
    end if;
    insert into "{schema}".document (view, key, encoding, data)
    select found_id, p.key, p.encoding, p.data
      from unnest(commit_view.put_keys, commit_view.put_encodings, commit_view.put_data) as p (key, encoding, data)
    on conflict (view, key) do update set encoding = excluded.encoding, data = excluded.data;
    return null;
end $$
