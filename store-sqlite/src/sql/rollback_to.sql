rollback to append
