create trigger word_no_delete before delete on word
begin
    select raise(abort, 'events are never changed: delete on word is refused');
end
