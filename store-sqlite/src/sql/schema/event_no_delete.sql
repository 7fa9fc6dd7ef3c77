create trigger event_no_delete before delete on event
begin
    select raise(abort, 'events are never changed: delete on event is refused');
end
