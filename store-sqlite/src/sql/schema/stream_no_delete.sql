create trigger stream_no_delete before delete on stream
begin
    select raise(abort, 'events are never changed: delete on stream is refused');
end
