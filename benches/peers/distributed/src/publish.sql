insert into bus_log (name, message_id, kind, payload)
select
    'account.moved',
    aggregate_id || ':' || sequence,
    'event',
    convert_to(json_build_object('id', aggregate_id, 'amount', case event_name when 'deposited' then 7 else 0 end)::text, 'UTF8')
from aggregate_events
order by recorded_at, aggregate_id, sequence;
update bus_log_identity set high_water = (select max(seq) from bus_log);
analyze bus_log;
