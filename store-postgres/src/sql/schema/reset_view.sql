-- Removes a version of a view with its checkpoint. In two statements, because a commit that the first one waited for is
-- seen by the second only.
create function "{schema}".reset_view(name text, version bigint) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    gone bigint;
begin
    delete from "{schema}".view as v where v.name = reset_view.name and v.version = reset_view.version returning v.id into gone;
    delete from "{schema}".document as d where d.view = gone;
end $$
