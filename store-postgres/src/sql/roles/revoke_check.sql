revoke all on function "{schema}".check_tenant from public
