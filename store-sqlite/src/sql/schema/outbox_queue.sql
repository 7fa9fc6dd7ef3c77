-- Within a queue, an index is in order of `sequence`.
create index outbox_queue on outbox (queue)
