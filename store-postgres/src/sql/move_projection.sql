select "{schema}".move_projection($1, $2, $3)
