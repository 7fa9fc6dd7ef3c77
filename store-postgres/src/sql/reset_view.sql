select "{schema}".reset_view($1, $2)
