insert into timer (owner, name, due, tenant, category, stream)
values (
    ?1, -- owner
    ?2, -- name
    ?3, -- due
    ?4, -- tenant
    ?5, -- category
    ?6  -- stream
)
on conflict (owner, name) do update set due = excluded.due
