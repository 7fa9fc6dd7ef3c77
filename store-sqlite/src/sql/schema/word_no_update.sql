create trigger word_no_update before update on word
begin
    select raise(abort, 'events are never changed: update on word is refused');
end
