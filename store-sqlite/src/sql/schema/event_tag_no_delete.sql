create trigger event_tag_no_delete before delete on event_tag
begin
    select raise(abort, 'events are never changed: delete on event_tag is refused');
end
