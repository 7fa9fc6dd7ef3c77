create trigger stream_no_update before update on stream
begin
    select raise(abort, 'events are never changed: update on stream is refused');
end
