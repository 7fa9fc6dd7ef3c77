rollback to annals_guest
