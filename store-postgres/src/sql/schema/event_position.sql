-- Positions are drawn from here and never given out twice. The announcement of a writer carries 48 bits of them.
create sequence "{schema}".event_position as bigint minvalue 1 maxvalue 281474976710655 cache 1 no cycle
