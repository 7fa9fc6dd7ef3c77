create index outbox_queue on "{schema}".outbox (queue, sequence)
