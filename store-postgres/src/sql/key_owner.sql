select owner_tenant, owner_category, owner_stream from "{schema}".reserved_key where tenant = $1 and scope = $2 and key = $3
