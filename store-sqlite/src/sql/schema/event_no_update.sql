create trigger event_no_update before update on event
begin
    select raise(abort, 'events are never changed: update on event is refused');
end
