select
    pg_sequence.seqcache,
    pg_sequence.seqcycle,
    pg_sequence.seqincrement,
    coalesce(pg_sequence_last_value(seqrelid), 0),
    (select coalesce(max(position), 0) from "{schema}".event)
from pg_sequence
where seqrelid = '"{schema}".event_position'::regclass
