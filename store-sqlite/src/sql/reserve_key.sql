-- Does nothing if the key is taken.
insert into reserved_key (tenant, scope, key, owner_tenant, owner_category, owner_stream)
values (
    ?1, -- tenant
    ?2, -- scope
    ?3, -- key
    ?4, -- owner_tenant
    ?5, -- owner_category
    ?6  -- owner_stream
)
on conflict do nothing
