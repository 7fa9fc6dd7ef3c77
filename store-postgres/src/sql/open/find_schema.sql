select
    to_regclass(quote_ident($1) || '.store') is not null,
    exists (select from pg_class where relnamespace = to_regnamespace(quote_ident($1)))
