//! What an application needs and its store lacks is refused when it starts, by name.

mod support;

use std::sync::Arc;

use annals::prelude::*;
use annals::saga::Definition;
use annals::store::{
    Append, AppendError, Appended, Capability, LogPage, ReadError, ReadLog, ReadStream, StoreInfo, StreamPage, Timers, Views,
};
use annals::{AppendId, EventStore, LogId, MemoryStore, Position, StartError};
use async_trait::async_trait;
use support::*;

/// A store that keeps events, and of the rest only some.
struct Bare {
    inner: MemoryStore,
    info: StoreInfo,
}

impl Bare {
    fn with(capabilities: &[Capability]) -> Arc<dyn EventStore> {
        let inner = MemoryStore::new();
        let info = StoreInfo { name: "bare", capabilities: capabilities.to_vec(), ..inner.info().clone() };
        Arc::new(Self { inner, info })
    }
}

#[async_trait]
impl EventStore for Bare {
    fn info(&self) -> &StoreInfo {
        &self.info
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.inner.append(append).await
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.inner.appended(id).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.inner.read_stream(read).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        self.inner.read_log(read).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.inner.wait(log, after).await
    }

    fn timers(&self) -> Option<&dyn Timers> {
        self.inner.timers().filter(|_| self.info.can(Capability::Timers))
    }

    fn views(&self) -> Option<&dyn Views> {
        self.inner.views().filter(|_| self.info.can(Capability::Views))
    }
}

fn lacks(started: Result<App, StartError>) -> String {
    match started {
        Err(error @ StartError::MissingCapability { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_part_names_what_it_needs() -> TestResult {
    let projection = App::new(Bare::with(&[])).projection::<Totals>().start().await;
    assert_eq!(lacks(projection), "the projection `totals` needs a store that keeps views, which `bare` does not");
    let handler = |_: annals::Recorded<AccountEvent>| async { Ok(()) };
    let subscriber = App::new(Bare::with(&[Capability::Timers])).subscriber("mail", handler).start().await;
    assert_eq!(lacks(subscriber), "the subscriber `mail` needs a store that keeps views, which `bare` does not");
    let saga = || Definition::<u64>::named("pay").step("pay").command(|amount| deposit("a", *amount)).pivot().build();
    let started = App::new(Bare::with(&[Capability::Views])).aggregate::<Account>().saga_with(saga()).start().await;
    assert_eq!(lacks(started), "the saga `pay` needs a store that keeps timers, which `bare` does not");
    let enough = Bare::with(&[Capability::Views, Capability::Timers]);
    App::new(enough).aggregate::<Account>().projection::<Totals>().saga_with(saga()).start().await?;
    // Commands alone need nothing but events.
    let app = App::new(Bare::with(&[])).aggregate::<Account>().start().await?;
    app.send(deposit("a", 1)).await?;
    Ok(())
}

#[tokio::test]
async fn a_saga_or_projection_whose_name_cannot_be_is_named() {
    let store = || Arc::new(MemoryStore::new());
    let saga = Definition::<u64>::named("Pay Out").step("pay").command(|amount| deposit("a", *amount)).pivot().build();
    let error = App::new(store()).aggregate::<Account>().saga_with(saga).start().await.unwrap_err().to_string();
    assert!(error.starts_with("the saga name `Pay Out` cannot be used"), "{error}");
    let twice = Definition::<u64>::named("pay")
        .step("pay")
        .command(|amount| deposit("a", *amount))
        .nothing_to_undo()
        .step("pay")
        .command(|amount| deposit("b", *amount))
        .pivot()
        .build();
    assert_eq!(twice.unwrap_err().to_string(), "the saga `pay` has two steps named `pay`");
    let handler = |_: annals::Recorded<AccountEvent>| async { Ok(()) };
    let error = App::new(store()).subscriber("Not A Name", handler).start().await.unwrap_err().to_string();
    assert!(error.contains("`$subscriber.Not A Name` cannot be used"), "{error}");
}

/// Their events would go to the same streams.
#[tokio::test]
async fn two_aggregates_with_one_category_are_refused_by_their_names() {
    #[derive(Event)]
    enum PurseEvent {
        Filled,
    }

    #[aggregate(id = String, event = PurseEvent, category = "account")]
    #[derive(Default)]
    struct Purse;

    #[aggregate]
    impl Purse {
        #[event]
        fn evolve(&mut self, _event: &PurseEvent) {}
    }

    let app = || App::new(Arc::new(MemoryStore::new())).aggregate::<Account>();
    let error = app().aggregate::<Purse>().start().await.unwrap_err();
    let StartError::SharedCategory { category: "account", types: [first, second] } = &error else { panic!("{error:?}") };
    assert!(first.ends_with("::Account") && second.ends_with("::Purse"), "{first} {second}");
    let remedy = "have the same category, `account`: give each its own, with `#[aggregate(category = …)]`";
    assert_eq!(error.to_string(), format!("`{first}` and `{second}` {remedy}"));
    let error = app().aggregate::<Account>().start().await.unwrap_err();
    assert_eq!(error.to_string(), format!("the aggregate `{first}` is there twice: add it once"));
}

/// Who subscribes to the events of one type asks for their names.
#[tokio::test]
async fn two_types_of_events_with_one_name_are_refused_and_one_type_of_two_aggregates_is_not() -> TestResult {
    #[derive(Event)]
    #[event(name = "account")]
    enum OtherEvent {
        Deposited { coins: u64 },
    }

    #[aggregate(id = String, event = OtherEvent)]
    #[derive(Default)]
    struct Purse;

    #[aggregate]
    impl Purse {
        #[event]
        fn evolve(&mut self, _event: &OtherEvent) {}
    }

    #[aggregate(id = String, event = AccountEvent)]
    #[derive(Default)]
    struct Archive;

    #[aggregate]
    impl Archive {
        #[event]
        fn evolve(&mut self, _event: &AccountEvent) {}
    }

    let error = App::new(Arc::new(MemoryStore::new())).aggregate::<Account>().aggregate::<Purse>().start().await.unwrap_err();
    let expected = "the event `account.deposited` is there twice: give the events of each aggregate names of their own, with `#[event(name = …)]`";
    assert_eq!(error.to_string(), expected);
    App::new(Arc::new(MemoryStore::new())).aggregate::<Account>().aggregate::<Archive>().start().await?;
    Ok(())
}
