select place, version, tenant, category, stream from "{schema}".find_append($1) order by place
