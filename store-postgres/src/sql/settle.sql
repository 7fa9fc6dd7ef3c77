delete from "{schema}".outbox where queue = $1 and id = any ($2)
