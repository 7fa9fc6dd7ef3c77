-- Appends one event to one stream, without condition and effects: what `append` does for a batch of that, at a third of
-- its cost, because nothing has to be unpacked and put in order.
--
-- Its steps and their order are those of `append`, and so are its verdicts: 0 stored, 1 the version is wrong, 4 the
-- append was stored before, 5 another stream has the same key. It is not for an attempt that is repeated.
create function "{schema}".append_one(
    append_id    uuid,
    lock_buckets integer[], -- of tags and of the stream, in ascending order
    part_key     uuid,
    tenant       text,
    category     text,
    stream       text,
    expected     bigint,    -- a version, -1: any, -2: the stream exists
    event_id     uuid,
    name         text,
    version      bigint,
    encoding     integer,
    tags         text[],    -- in ascending order, each once; null: none
    metadata     bytea,
    payload      bytea
) returns bigint[]          -- the verdict, the position, and the version that the stream had before
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- a plan that was made for empty tables is kept while they grow
as $$
#variable_conflict use_variable
declare
    sequence constant regclass := '"{schema}".event_position';
    actual   bigint;
    is_alien boolean;
    verdict  bigint := 0;
    started  bigint;
    drawn    bigint;
    nothing  text; -- an assignment costs less than `perform`, which runs a statement
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'events are appended in READ COMMITTED: in this transaction checks would not see what was committed'
            using errcode = 'invalid_transaction_state';
    end if;
    -- What readers have seen must survive a crash of the server.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;

    for this in 1 .. cardinality(lock_buckets) loop
        nothing := pg_advisory_xact_lock_shared(sequence::oid::integer, lock_buckets[this])::text;
    end loop;

    -- Also for a new stream: of one whose beginning is archived there is no version 1 that the unique key could hold against it.
    select e.version, (e.tenant, e.category, e.stream) <> (tenant, category, stream) into actual, is_alien
      from "{schema}".event as e
     where e.stream_key = part_key
     order by e.version desc
     limit 1;
    actual := coalesce(actual, 0);
    if is_alien then
        verdict := 5;
    elsif expected <> actual and expected <> -1 and (expected <> -2 or actual = 0) then
        verdict := 1;
    end if;
    if verdict > 0 then
        -- What was refused may have been stored by an earlier attempt, which then is the answer.
        if exists (select from "{schema}".event as e where e.append_id = append_id and e.ordinal = 0) then
            verdict := 4;
        end if;
        return array[verdict, 0, actual];
    end if;

    started := coalesce(pg_sequence_last_value(sequence), 0);
    nothing := pg_advisory_xact_lock_shared((sequence::oid::bigint % 32768) << 48 | started)::text;
    drawn := nextval(sequence);
    insert into "{schema}".event (
        position, version, recorded_at, schema_version, ordinal, append_events, encoding, stream_key, id, append_id,
        category, name, tenant, stream, tags, metadata, payload
    ) values (
        drawn, actual + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint, version, 0, 1, encoding, part_key,
        event_id, append_id, category, name, tenant, stream, tags, metadata, payload
    );
    if tags is not null then
        insert into "{schema}".event_tag (tag, position) select t.tag, drawn from unnest(tags) as t (tag);
    end if;
    return array[0, drawn, actual];
end $$
