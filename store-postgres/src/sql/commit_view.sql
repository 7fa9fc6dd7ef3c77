select "{schema}".commit_view(
    $1, -- name
    $2, -- version
    $3, -- expected
    $4, -- checkpoint
    $5, -- put_keys
    $6, -- put_encodings
    $7, -- put_data
    $8  -- deleted_keys
)
