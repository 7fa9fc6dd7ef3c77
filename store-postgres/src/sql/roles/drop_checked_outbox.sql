drop trigger if exists checked_outbox on "{schema}".outbox
