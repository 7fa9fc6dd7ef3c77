select position from event where append_id = ?1 and ordinal = 0
