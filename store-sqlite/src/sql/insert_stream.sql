insert into stream (id, key, tenant, category, name)
values (
    ?1, -- id
    ?2, -- key
    ?3, -- tenant
    ?4, -- category
    ?5  -- name
)
