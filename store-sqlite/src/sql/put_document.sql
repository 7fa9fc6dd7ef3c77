insert into document (view, key, encoding, data)
values (
    ?1, -- view
    ?2, -- key
    ?3, -- encoding
    ?4  -- data
)
on conflict (view, key) do update set encoding = excluded.encoding, data = excluded.data
