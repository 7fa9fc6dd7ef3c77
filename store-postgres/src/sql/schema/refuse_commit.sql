-- Code of a projection does not commit: what it wrote would stay, and be written again.
create function "{schema}".refuse_commit() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(current_setting('annals.holds', true), '') <> '' then
        raise exception 'a projection may not end the transaction: it is the store''s'
            using errcode = 'invalid_transaction_termination';
    end if;
    return null;
end $$
