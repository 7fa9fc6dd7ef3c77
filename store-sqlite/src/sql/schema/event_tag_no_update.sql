create trigger event_tag_no_update before update on event_tag
begin
    select raise(abort, 'events are never changed: update on event_tag is refused');
end
