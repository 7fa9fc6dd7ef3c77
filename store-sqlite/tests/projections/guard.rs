use std::collections::BTreeSet;

use annals_core::EventStore as _;
use annals_store_sqlite::{Connection, SqliteStore};

use crate::driver::{Diary, Outcome, diary, feed, full, ready, store_with};

/// What a projection may not do, and what it is told.
const REFUSED: &[(&str, &str)] = &[
    ("delete from event", "write `event`: Annals keeps its own data there"),
    ("update event set payload = x''", "write `event`: Annals keeps its own data there"),
    ("insert into word (text) values ('x')", "write `word`: Annals keeps its own data there"),
    ("update VIEW set version = 9", "write `view`: Annals keeps its own data there"),
    ("delete from document", "write `document`: Annals keeps its own data there"),
    ("drop table stream", "drop `stream`: Annals keeps its own data there"),
    ("drop view readable", "drop `readable`: Annals keeps its own data there"),
    ("drop trigger event_no_delete", "change `event`: Annals keeps its own data there"),
    ("drop index event_version", "change `event`: Annals keeps its own data there"),
    ("alter table event add column note text", "change `event`: Annals keeps its own data there"),
    ("create index mine on event (kind)", "change `event`: Annals keeps its own data there"),
    ("create trigger mine after insert on event begin select 1; end", "change `event`: Annals keeps its own data there"),
    ("create table if not exists event (id integer)", "create `event`: Annals keeps its own data there"),
    ("create table annals_mine (id integer)", "create `annals_mine`: names that start with `annals_` are kept for Annals"),
    ("create view Annals_mine as select 1", "create `Annals_mine`: names that start with `annals_` are kept for Annals"),
    ("analyze event", "change `event`: Annals keeps its own data there"),
    (
        "create table mine (id integer); create trigger mine after insert on mine begin delete from event; end;
         insert into mine values (1)",
        "write `event`: Annals keeps its own data there",
    ),
    ("create temp table event (id integer)", "use what is temporary: it belongs to a connection, and that is the store's"),
    ("create temp view word as select 1", "use what is temporary: it belongs to a connection, and that is the store's"),
    ("pragma user_version = 9", "use `pragma user_version`: the connection is the store's"),
    ("pragma writable_schema = on", "use `pragma writable_schema`: the connection is the store's"),
    ("pragma synchronous = off", "use `pragma synchronous`: the connection is the store's"),
    ("commit", "begin or end a transaction: the store does that"),
    ("rollback", "begin or end a transaction: the store does that"),
    ("release annals_guest", "use the savepoint `annals_guest`: it is the store's"),
    ("rollback to annals_guest", "use the savepoint `annals_guest`: it is the store's"),
    ("attach ':memory:' as other", "attach or detach a database: the connection is the store's"),
];

/// What a projection may do.
const ALLOWED: &[&str] = &[
    "create table mine (id integer primary key autoincrement, name text); insert into mine (name) values ('x')",
    "create table mine (id integer); alter table mine rename to yours; alter table yours add column name text; drop table yours",
    "create table mine as select * from readable; create index mine_position on mine (position); reindex mine_position",
    "create view mine as select count(*) as events from event",
    "create table mine (id integer); create table log_of_mine (id integer);
     create trigger mine after insert on mine begin insert into log_of_mine values (new.id); end; insert into mine values (1)",
    "create virtual table mine using fts5(name); insert into mine values ('red shoes'); delete from mine; drop table mine",
    "create table mine (id integer); savepoint here; insert into mine values (1); rollback to here; release here; analyze mine",
    "with recursive n(x) as (select 1 union all select x + 1 from n where x < 5) select sum(x) from n",
    "select * from pragma_table_info('diary')",
    "pragma table_info(diary)",
];

fn setup(statements: &'static str) -> Diary {
    let setup = format!("create table diary (position integer, stream text); {statements}");
    Diary { setup: setup.leak(), ..Diary::default() }
}

#[tokio::test]
async fn what_is_annals_own_cannot_be_written() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    for (statements, told) in REFUSED {
        let error = ready(&store, &setup(statements)).await.err().ok_or_else(|| format!("`{statements}` passed"))?;
        let text = full(&error);
        let start = format!("`diary` could not be set up: a projection may not {told}: ");
        assert!(text.starts_with(&start), "`{statements}`: {text}");
    }
    assert!(store.read(|db| db.prepare("select * from diary").map(drop)).await.is_err(), "everything was taken back");
    let page = store.read_log(annals_core::store::ReadLog::new(annals_core::Filter::all())).await?;
    assert_eq!(page.events.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_its_own_a_projection_may_do_with_as_it_likes() -> Outcome {
    for statements in ALLOWED {
        let (_folder, store) = store_with(&["a", "b"]).await?;
        let mut sink = ready(&store, &setup(statements)).await.map_err(|error| format!("`{statements}`: {}", full(&error)))?;
        feed(&mut sink, &store, 1).await?;
        assert_eq!(diary(&store).await?, ["a", "b"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_statement_that_is_refused_for_an_event_is_told_with_it() -> Outcome {
    let (_folder, store) = store_with(&["a"]).await?;
    let projection = Diary::default();
    let mut sink = ready(&store, &projection).await?;
    projection.tricked("a", |tx| Ok(tx.execute("delete from outbox", []).map(drop)?));

    let error = feed(&mut sink, &store, 10).await.err().ok_or("it passed")?;

    let start = "the event at position 1 could not be taken in: event 1 of `order/a` (`order.placed`): ";
    let told = "a projection may not write `outbox`: Annals keeps its own data there: not authorized";
    assert!(full(&error).starts_with(&format!("{start}{told}")), "{}", full(&error));
    // The store itself may.
    let outbox = store.outbox().ok_or("it has one")?;
    outbox.settle(&annals_core::store::QueueName::new("mail")?, &[]).await?;
    Ok(())
}

#[tokio::test]
async fn the_guard_knows_every_table_of_a_store() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    drop(SqliteStore::open(&path).await?);
    let connection = Connection::open(&path)?;
    let mut statement = connection.prepare("select name from sqlite_schema where type in ('table', 'view')")?;
    let there: BTreeSet<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;

    let (_folder, store) = store_with(&[]).await?;
    for table in there {
        let error = ready(&store, &setup(format!("create table if not exists {table} (id integer)").leak())).await.err();
        let text = full(&error.ok_or_else(|| format!("`{table}` is not guarded"))?);
        assert!(text.contains(&format!("may not create `{table}`")), "{text}");
    }
    Ok(())
}
