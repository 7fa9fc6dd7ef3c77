//! Bad input: each a typed error that names the thing, and nothing is lost.

mod support;

use std::error::Error;

use annals::prelude::*;
use annals::store::{AppendError, FailureKind, InvalidAppend};
use annals::{
    AppendId, ConnectError, DecodeErrorKind, Env, EventId, EventName, EventStore, ExpectedVersion, LoadError, Metadata, NewEvent,
    Payload, SendError, SqliteOptions, StreamId, store,
};
use support::*;

fn foreign(env: &Env, name: &str, schema_version: u32, body: &str) -> NewEvent {
    NewEvent {
        id: EventId::generate(env),
        name: EventName::new(name).unwrap(),
        schema_version,
        payload: Payload { encoding: annals::Encoding::JSON, data: body.to_owned().into() },
        metadata: Metadata::new(env.now(), annals::CorrelationId::generate(env)).encode(),
        tags: Vec::new(),
    }
}

async fn put(store: &dyn EventStore, env: &Env, account: &str, event: NewEvent) {
    let stream = StreamId::new("account", account).unwrap();
    let append = store::Append::new(AppendId::generate(env)).stream(stream, ExpectedVersion::Any, vec![event]);
    store.append(append).await.unwrap();
}

/// What loading an account fails with.
async fn load_error(app: &App, account: &str) -> annals::DecodeError {
    match app.load::<Account>(&account.to_owned()).await {
        Err(LoadError::Decode(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_event_of_unknown_type_is_named() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        put(&*fresh.store, app.env(), "a", foreign(app.env(), "account.renamed", 1, "{}")).await;
        let error = load_error(&app, "a").await;
        assert_eq!(error.to_string(), "event 1 of `account/a` (`account.renamed`, schema version 1) cannot be read");
        let cause = error.source().unwrap().to_string();
        assert_eq!(
            cause,
            "the program knows no event of this name, only `account.deposited`, `account.withdrawn`, `account.closed`: \
                        one that was renamed needs `#[event(alias = \"…\")]`"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_event_from_the_future_is_named() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        put(&*fresh.store, app.env(), "a", foreign(app.env(), "account.deposited", 3, "{}")).await;
        assert!(matches!(load_error(&app, "a").await.kind, DecodeErrorKind::FromTheFuture { known: 1 }));
        let refused = app.send(deposit("a", 1)).await;
        assert!(matches!(refused, Err(SendError::Decode(_))), "{refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_corrupt_payload_is_named() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        for (account, body) in [("cut", "{\"amount\":"), ("shape", "{\"amount\":\"many\"}"), ("empty", "")] {
            put(&*fresh.store, app.env(), account, foreign(app.env(), "account.deposited", 1, body)).await;
            let error = load_error(&app, account).await;
            assert!(matches!(error.kind, DecodeErrorKind::Body(_)), "{error:?}");
            assert_eq!((error.stream.id(), error.version.get()), (account, 1));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_id_that_is_too_long_is_named() -> TestResult {
    for fresh in stores().await {
        let app = bank(fresh.store.clone()).await;
        let long = "x".repeat(256);
        let refused = app.send(deposit(&long, 1)).await;
        let Err(SendError::Address(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(
            error.to_string(),
            format!("the id `{}…` of a stream in `account` has 256 bytes, the limit is 255", "x".repeat(32))
        );
        assert!(matches!(app.send(deposit("", 1)).await, Err(SendError::Address(_))));
        app.send(deposit(&long[..255], 1)).await?;
    }
    Ok(())
}

#[derive(Event)]
enum NoteEvent {
    Written { text: String },
}

#[derive(Command)]
struct Write {
    #[id]
    note: String,
    text: String,
}

#[aggregate(id = String, event = NoteEvent)]
#[derive(Default)]
struct Note;

#[aggregate]
impl Note {
    #[command]
    fn write(&self, command: Write) -> Result<NoteEvent, std::convert::Infallible> {
        Ok(NoteEvent::Written { text: command.text })
    }

    #[event]
    fn evolve(&mut self, event: &NoteEvent) {
        match event {
            NoteEvent::Written { .. } => {}
        }
    }
}

#[tokio::test]
async fn a_payload_that_is_too_large_is_named() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store.clone()).aggregate::<Note>().start().await?;
        let write = |bytes: usize| Write { note: "a".into(), text: "x".repeat(bytes) };
        let refused = app.send(write(1 << 20)).await;
        let Err(SendError::Append(AppendError::Invalid(InvalidAppend::Limit(limit)))) = refused else { panic!("{refused:?}") };
        let expected = "the body of the event `note.written` for `note/a` has 1048587 bytes, the limit of this store is 1048576";
        assert_eq!(limit.to_string(), expected);
        app.send(write(1 << 19)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite:{}", folder.path().join("no/such/folder/a.db").display());
    for url in [missing, format!("sqlite:{}", folder.path().display())] {
        let error = annals::connect(&url).await.err().unwrap();
        assert!(matches!(&error, ConnectError::Open { url: named, .. } if *named == url), "{error:?}");
        assert_eq!(error.to_string(), format!("`{url}` could not be opened"));
        assert!(error.source().unwrap().to_string().contains(url.trim_start_matches("sqlite:")), "{:?}", error.source());
    }
}

#[tokio::test]
async fn a_url_that_leads_nowhere_is_answered_with_what_there_is() {
    let message = async |url: &str| annals::connect(url).await.err().unwrap().to_string();
    assert_eq!(
        message("orders.db").await,
        "`orders.db` is not the URL of a store: it starts with a scheme, one of `memory:`, `sqlite:`, `postgres:`"
    );
    assert_eq!(
        message("oracle://a/b").await,
        "there is no store for `oracle:`; this program has `memory:`, `sqlite:`, `postgres:`"
    );
    assert_eq!(message("postgres://app:secret@127.0.0.1:1/b?schema=A").await, "`postgres://127.0.0.1:1/b` could not be opened");
    assert_eq!(message("memory:x").await, "`memory:x` cannot be used: nothing follows `memory:`");
    assert_eq!(message("sqlite:").await, "`sqlite:` cannot be used: a path follows `sqlite:`");
    assert_eq!(message("sqlite::memory:").await, "`sqlite::memory:` cannot be used: a store in memory is `memory:`");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_ends_when_there_is_room() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("full.db");
    let small = SqliteOptions::new(&path).max_pages(80).open().await?;
    let app = App::new(std::sync::Arc::new(small)).aggregate::<Note>().start().await?;
    let write = |at: usize| Write { note: format!("note {at}"), text: "x".repeat(4_000) };
    let mut stored = 0;
    let failure = loop {
        match app.send(write(stored)).await {
            Ok(_) => stored += 1,
            Err(SendError::Append(AppendError::NotStored(failure))) => break failure,
            Err(other) => panic!("{other:?}"),
        }
        assert!(stored < 1_000, "the disk does not fill");
    };
    assert_eq!(failure.kind, FailureKind::Full);
    assert!(failure.to_string().contains("full.db"), "{failure}");
    assert!(stored > 0);
    drop(app);
    let large = SqliteOptions::new(&path).open().await?;
    let app = App::new(std::sync::Arc::new(large)).aggregate::<Note>().start().await?;
    for at in 0..=stored {
        let there = app.load::<Note>(&format!("note {at}")).await?.version.get();
        assert_eq!(there, u64::from(at < stored), "note {at} of {stored}");
    }
    app.send(write(stored)).await?;
    Ok(())
}
