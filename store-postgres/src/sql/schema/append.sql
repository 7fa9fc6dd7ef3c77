-- Appends a batch of units of work, one after another, each as a whole or not at all.
--
-- The order of its steps is what makes the log sound:
--   1. locks, in ascending order, so that batches wait for one another instead of for each other;
--   2. what each append expects is checked, in statements that see what was committed before the locks were granted;
--   3. the announcement: a shared lock that carries a position below all that are drawn after it (see `horizon`);
--      before the checks it would hold up readers while this waits for locks;
--   4. positions are drawn, all at once, and then assigned in order;
--   5. events, tags and effects are written.
--
-- Verdicts: 0 stored, 1 a version is wrong (the detail is the part), 2 the condition fails (the detail is a position),
-- 3 a message is marked or a key taken (the detail is the effect of the append, from 1; the owner is in `notes`),
-- 4 the append was stored before, 5 another stream has the same key (the detail is the part).
create function "{schema}".append(
    append_ids      uuid[],
    is_conditional  boolean[], -- whether there is one of `conditions` for it
    can_refuse      boolean[], -- whether there are `effects` of it that can
    look_for_known  boolean,  -- whether some may be stored already: an attempt is repeated
    lock_buckets    integer[], -- of tags, rows of effects and streams, in ascending order
    lock_exclusive  boolean[],
    -- Parts: one a stream of an append, in order of the appends.
    part_append     integer[],
    part_key        uuid[],
    part_tenant     text[],
    part_category   text[],
    part_stream     text[],
    part_expected   bigint[], -- a version, -1: any, -2: the stream exists
    part_events     integer[],
    part_previous   integer[], -- the part before it in the batch that has the same stream, or 0
    -- Events, in order of their positions.
    event_part      integer[],
    event_offset    integer[], -- in its part, from 1
    event_ordinal   integer[], -- in its append, from 0
    event_id        uuid[],
    event_name      text[],
    event_version   bigint[],
    event_encoding  integer[],
    event_tags      text[],    -- the literal of an array, or null
    event_metadata  bytea[],
    event_payload   bytea[],
    conditions      jsonb[],   -- of each append its criteria, or null; null: none has any
    effects         jsonb[]    -- of each append its effects, in order, or null; null: none has any
) returns table (verdicts integer[], details bigint[], notes text[], firsts bigint[], lasts bigint[], bases bigint[])
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off -- a plan that was made for empty tables is kept while they grow
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict use_variable
declare
    sequence   constant regclass := '"{schema}".event_position';
    known      uuid[];
    alien      integer[];
    drawn      bigint[];
    slots      integer[];  -- of an append: how many positions come before its first
    sizes      integer[];  -- of an append: how many events it has
    total      integer := 0;
    before     integer;
    actual     bigint;
    expected   bigint;
    part       integer;
    parts      integer := cardinality(part_append);
    started    bigint;
    recorded   bigint;
    refusal    record;
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'events are appended in READ COMMITTED: in this transaction checks would not see what was committed'
            using errcode = 'invalid_transaction_state';
    end if;
    -- What readers have seen must survive a crash of the server.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'on', true);
    end if;

    perform case
                when l.is_exclusive then pg_advisory_xact_lock(sequence::oid::integer, l.bucket)::text
                else pg_advisory_xact_lock_shared(sequence::oid::integer, l.bucket)::text
            end
       from unnest(lock_buckets, lock_exclusive) as l (bucket, is_exclusive);

    if look_for_known then
        select array_agg(e.append_id) into known
          from "{schema}".event as e
         where e.append_id = any (append_ids) and e.ordinal = 0;
    end if;

    select array_agg(coalesce(last.version, 0) order by p.n),
           array_agg(p.n::integer) filter (
               where (last.tenant, last.category, last.stream) <> (p.tenant, p.category, p.stream)
           )
      into bases, alien
      from unnest(part_key, part_tenant, part_category, part_stream) with ordinality as p (key, tenant, category, stream, n)
      left join lateral (
          select e.version, e.tenant, e.category, e.stream
            from "{schema}".event as e
           where e.stream_key = p.key
           order by e.version desc
           limit 1
      ) as last on true;

    verdicts := array_fill(0, array[cardinality(append_ids)]);
    details := array_fill(0::bigint, array[cardinality(append_ids)]);
    notes := array_fill(null::text, array[cardinality(append_ids)]);
    firsts := array_fill(0::bigint, array[cardinality(append_ids)]);
    lasts := firsts;
    slots := verdicts;
    sizes := verdicts;

    part := 1;
    for this in 1 .. cardinality(append_ids) loop
        slots[this] := total;
        if known is not null and append_ids[this] = any (known) then
            verdicts[this] := 4;
        end if;
        while part <= parts and part_append[part] = this loop
            before := part_previous[part];
            if before > 0 then
                -- It stands on what the batch has done to the stream before it.
                actual := bases[before];
                if verdicts[part_append[before]] = 0 then
                    actual := actual + part_events[before];
                end if;
                bases[part] := actual;
            else
                actual := bases[part];
            end if;
            expected := part_expected[part];
            if verdicts[this] = 0 then
                if alien is not null and part = any (alien) then
                    verdicts[this] := 5;
                    details[this] := part;
                elsif expected <> actual and expected <> -1 and (expected <> -2 or actual = 0) then
                    verdicts[this] := 1;
                    details[this] := part;
                end if;
            end if;
            total := total + part_events[part];
            part := part + 1;
        end loop;
        if verdicts[this] = 0 and is_conditional[this] then
            select min("{schema}".first_match(c.tags, c.names, c.categories, c.system, c.after)) into actual
              from jsonb_to_recordset(conditions[this])
                as c (tags text[], names text[], categories text[], system boolean, after bigint);
            if actual is not null then
                verdicts[this] := 2;
                details[this] := actual;
            end if;
        end if;
        if verdicts[this] = 0 and can_refuse[this] then
            select * into refusal from "{schema}".apply_refusable(effects[this]);
            if refusal.effect is not null then
                verdicts[this] := 3;
                details[this] := refusal.effect;
                notes[this] := refusal.note;
            end if;
        end if;
        if verdicts[this] <> 0 then
            total := slots[this];
        end if;
        sizes[this] := total - slots[this];
    end loop;

    if total > 0 then
        started := coalesce(pg_sequence_last_value(sequence), 0);
        perform pg_advisory_xact_lock_shared((sequence::oid::bigint % 32768) << 48 | started);
        select array_agg(d.position order by d.position) into drawn
          from (select nextval(sequence) as position from generate_series(1, total)) as d;
        recorded := (extract(epoch from clock_timestamp()) * 1000000)::bigint;

        insert into "{schema}".event (
            position, version, recorded_at, schema_version, ordinal, append_events, encoding, stream_key, id,
            append_id, category, name, tenant, stream, tags, metadata, payload
        )
        select
            drawn[slots[part_append[e.part]] + e.ordinal + 1],
            bases[e.part] + e.place,
            recorded,
            e.version,
            e.ordinal,
            sizes[part_append[e.part]],
            e.encoding,
            part_key[e.part],
            e.id,
            append_ids[part_append[e.part]],
            part_category[e.part],
            e.name,
            part_tenant[e.part],
            part_stream[e.part],
            e.tags::text[],
            e.metadata,
            e.payload
          from unnest(
              event_part, event_offset, event_ordinal, event_id, event_name, event_version, event_encoding, event_tags,
              event_metadata, event_payload
          ) as e (part, place, ordinal, id, name, version, encoding, tags, metadata, payload)
         where verdicts[part_append[e.part]] = 0
         -- Batches that write to the same streams wait for one another instead of for each other.
         order by part_key[e.part], bases[e.part] + e.place;

        if cardinality(array_remove(event_tags, null)) > 0 then
            insert into "{schema}".event_tag (tag, position)
            select t.tag, drawn[slots[part_append[e.part]] + e.ordinal + 1]
              from unnest(event_part, event_ordinal, event_tags) as e (part, ordinal, tags),
                   unnest(e.tags::text[]) as t (tag)
             where e.tags is not null and verdicts[part_append[e.part]] = 0;
        end if;

        if effects is not null then
            perform "{schema}".apply_effects(effects, verdicts);
        end if;

        for this in 1 .. cardinality(append_ids) loop
            if verdicts[this] = 0 then
                firsts[this] := drawn[slots[this] + 1];
                lasts[this] := drawn[slots[this] + sizes[this]];
            end if;
        end loop;
    end if;

    -- What was refused may have been stored by an earlier attempt, which then is the answer; also by one that this had to
    -- wait for, after it had looked.
    if 0 < any (verdicts) then
        for this in 1 .. cardinality(append_ids) loop
            if verdicts[this] not in (0, 4) and exists (
                select from "{schema}".event as e where e.append_id = append_ids[this] and e.ordinal = 0
            ) then
                verdicts[this] := 4;
            end if;
        end loop;
    end if;
    return next;
end $$
