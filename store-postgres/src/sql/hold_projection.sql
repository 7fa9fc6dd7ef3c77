select at_version, at_checkpoint, is_new from "{schema}".hold_projection($1, $2, $3, $4)
