-- One row: which store this is, and the format of its tables.
create table "{schema}".store (
    id      integer primary key default 0 check (id = 0),
    uuid    uuid    not null default gen_random_uuid(),
    format  integer not null
)
