grant execute on function "{schema}".append, "{schema}".append_one, "{schema}".commit_view, "{schema}".reset_view, "{schema}".hold_projection,
    "{schema}".move_projection, "{schema}".settle
    to "{prefix}_writer"
