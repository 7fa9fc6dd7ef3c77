delete from reserved_key
where tenant = ?1
    and scope = ?2
    and key = ?3
    and owner_tenant = ?4
    and owner_category = ?5
    and owner_stream = ?6
