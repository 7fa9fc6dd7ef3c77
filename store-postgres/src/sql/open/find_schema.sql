select coalesce(bool_or(relname = 'store'), false), count(*) > 0
from pg_class
where relnamespace = (select oid from pg_namespace where nspname = $1)
