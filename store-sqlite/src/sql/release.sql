release append
