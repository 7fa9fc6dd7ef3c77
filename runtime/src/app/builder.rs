use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use annals_core::describe::{self, Application};
use annals_core::saga::{Definition, InvalidSaga, Saga};
use annals_core::store::ReadError;
use annals_core::store::{Capability, InvalidViewName, ViewName};
use annals_core::{Behaviour, Env, Event, EventStore, Filter, LogId, Projection, ProjectionSink, Recorded, Services};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::{BoxError, Layer, Service};

use super::App;
use super::aggregates::{self, AggregatePart, Foreign};
use super::part::{Part, Sent, Start};
use crate::alarm::Alarm;
use crate::bus::{self, Bus};
use crate::engine::{Engine, Outcome, Request, Store};
use crate::env::system_env;
use crate::error::StartError;
use crate::progress::Progress;
use crate::projection::{self, FoldedSink, SubscriberSink};
use crate::saga::Runner;
use crate::schedule;
use crate::shared::{Life, Shared};

/// How many aggregates are kept in memory by default.
const CACHED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// An application that has not started. Made by [`App::new`](super::App::new).
///
/// Nothing is checked before [`start`](Self::start), and everything is then.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// # let mail = |_: Recorded<AccountEvent>| async { Ok(()) };
/// let app = App::new(store)
///     .aggregate::<Account>() // commands for accounts are decided here
///     .projection::<Totals>() // a read model
///     .subscriber("mail", mail) // somebody who is told of each event
///     .start()
///     .await?;
/// # app.send(deposit("ann", 5)).await?;
/// # app.settled().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an application does nothing before it is started"]
pub struct AppBuilder {
    store: Arc<dyn EventStore>,
    env: Option<Env>,
    services: Services,
    cached: NonZeroUsize,
    aggregates: Vec<AggregatePart>,
    foreign: Vec<Foreign>,
    parts: Vec<Result<Part, StartError>>,
    layers: Vec<Box<dyn FnOnce(Bus) -> Bus + Send>>,
    description: Application,
}

impl AppBuilder {
    pub(super) fn new(store: Arc<dyn EventStore>) -> Self {
        Self {
            description: Application::new(store.info()),
            store,
            env: None,
            services: Services::default(),
            cached: CACHED,
            aggregates: Vec::new(),
            foreign: Vec::new(),
            parts: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// Uses another clock, randomness or executor than the machine's.
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Keeps up to so many aggregates in memory, 10,000 by default. What is kept is only a baseline: it is never trusted
    /// without the store's consent.
    pub fn cache(mut self, aggregates: NonZeroUsize) -> Self {
        self.cached = aggregates;
        self
    }

    /// Adds an aggregate, with the commands of its `#[aggregate] impl`.
    pub fn aggregate<A: Behaviour>(mut self) -> Self {
        self.description.aggregates.push(describe::aggregate::<A>());
        self.aggregates.push(AggregatePart::of::<A>());
        self
    }

    /// Lets sagas send to an aggregate that another program on the same store has. Their commands are decided here, on its
    /// stream, so that this needs no more than the services of the commands that they send; [`App::send`] still refuses it.
    ///
    /// Without this or [`aggregate`](Self::aggregate), [`start`](Self::start) refuses a saga that sends to it.
    pub fn sends_to<A: Behaviour>(mut self) -> Self {
        self.foreign.push(Foreign { category: A::CATEGORY, commands: A::COMMANDS });
        self
    }

    /// Lends a service to `#[prepare]` methods and activities, which find it by its type.
    pub fn service<T: Send + Sync + 'static>(mut self, service: T) -> Self {
        self.services.insert(service);
        self
    }

    /// Puts a tower layer around the command bus. The last that is added sees a command first. [`layer`](crate::layer) has those
    /// of Annals, and says which of tower's are of use.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Bus> + Send + 'static,
        L::Service:
            Service<Request, Response = Outcome, Error: Into<BoxError>, Future: Send + 'static> + Clone + Send + Sync + 'static,
    {
        self.layers.push(Box::new(move |bus| bus::layered(layer, bus)));
        self
    }

    /// Adds a read model that is folded into documents, kept by the store together with its checkpoint.
    pub fn projection<P: Projection>(mut self) -> Self {
        self.description.projections.push(describe::projection::<P>());
        self.parts.push(named(P::NAME, |view| {
            let title = format!("the projection `{view}`");
            let name = view.clone();
            Part::feeding(title, view, true, move |shared| FoldedSink::<P>::new(shared.store().clone(), name))
        }));
        self
    }

    /// Adds a read model that keeps itself and its checkpoint, such as one in SQL: `.sink(store.projection(Sales))`.
    pub fn sink<K: ProjectionSink>(mut self, sink: K) -> Self {
        self.description.projections.push(describe::Projection::sink(sink.name().as_str(), sink.filter()));
        self.parts.push(Ok(Part::sink(sink)));
        self
    }

    /// Calls `handler` for each event of `E`, in order and at least once, from the first in the store on: a new name, or a new
    /// subscriber, sees the whole history, unless it begins [`from_now`](Self::from_now). Where it has come is stored under `name`; an
    /// event that it fails on is tried again and holds up those behind it.
    pub fn subscriber<E, Fut>(self, name: &str, handler: impl Fn(Recorded<E>) -> Fut + Send + Sync + 'static) -> Self
    where
        E: Event,
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.subscriber_with(name, move |event, _| handler(event))
    }

    /// Calls `handler` for each event of `E` as [`subscriber`](Self::subscriber) does, and hands it the application: to send
    /// commands, now or later. Give each an id that derives from the event, since the handler may be called again:
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = annals::connect("memory:").await?;
    /// use annals::CommandId;
    ///
    /// let bonus = |event: Recorded<AccountEvent>, app: App| async move {
    ///     let id = CommandId::from_uuid(event.record.id.as_uuid()).derive("bonus");
    ///     if event.context().stream_id() != "bank" {
    ///         app.send(deposit("bank", 1)).id(id).caused_by(&event.record.metadata()?, event.record.id).await?;
    ///     }
    ///     Ok(())
    /// };
    /// let app = App::new(store).aggregate::<Account>().subscriber_with("bonus", bonus).start().await?;
    /// app.send(deposit("ann", 5)).await?;
    /// app.settled().await?;
    /// assert_eq!(app.load::<Account>(&"bank".into()).await?.state.balance, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscriber_with<E, Fut>(
        mut self,
        name: &str,
        handler: impl Fn(Recorded<E>, App) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.description.subscribers.push(describe::Subscriber::new(name, Filter::events::<E>()));
        let title = format!("the subscriber `{name}`");
        self.parts.push(named(&format!("$subscriber.{name}"), |view| {
            let sink_name = view.clone();
            Part::feeding(title, view, false, move |shared| {
                let app = App::running(Arc::clone(shared));
                let handler = move |event| handler(event, app.clone());
                SubscriberSink::<E, _>::new(shared.store().clone(), sink_name, handler)
            })
        }));
        self
    }

    /// Adds a saga, written with `#[saga]`.
    pub fn saga<S: Saga>(self) -> Self {
        self.saga_with(S::definition())
    }

    /// Adds a saga, straight from the builder of its [`Definition`].
    pub fn saga_with<S>(mut self, saga: Result<Definition<S>, InvalidSaga>) -> Self
    where
        S: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.description.sagas.extend(saga.as_ref().map(Definition::describe));
        let part = saga.map_err(StartError::from).and_then(|saga| {
            let view = ViewName::new(saga.category().as_str())?;
            let runner = Arc::new(Runner::new(saga));
            let title = format!("the saga `{}`", runner.saga.plan().name);
            let sends = runner.saga.sends().into_iter().map(|(who, sent)| Sent {
                by: format!("{who} of {title}"),
                aggregate: sent.category(),
                command: sent.name(),
            });
            Ok(Part {
                sends: sends.collect(),
                title,
                view: view.clone(),
                is_projection: false,
                from_now: false,
                capabilities: vec![Capability::Timers, Capability::Views],
                services: runner.saga.services(),
                runner: Some((TypeId::of::<S>(), Arc::clone(&runner) as Arc<dyn Any + Send + Sync>)),
                start: Start::With(Box::new(move |shared, progress| runner.start(shared, view, progress))),
            })
        });
        self.parts.push(part);
        self
    }

    /// Lets the saga or subscriber that was added last begin with what happens from its first start on: of what is in the
    /// store by then, no mail is sent and no instance begun. Where it begins is stored, so that a later start goes on from
    /// there, and one that has begun before is not moved.
    ///
    /// Everything else is made of the whole history: a projection that left events out could not be built anew.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = annals::connect("memory:").await?;
    /// # let app = App::new(store.clone()).aggregate::<Account>().start().await?;
    /// # app.send(deposit("ann", 1)).await?;
    /// let mail = |event: Recorded<AccountEvent>| async move {
    ///     println!("a letter about {}", event.record.name);
    /// #   assert_eq!(event.context().stream_id(), "bob");
    ///     Ok(())
    /// };
    /// let app = App::new(store).aggregate::<Account>().subscriber("mail", mail).from_now().start().await?;
    /// # app.send(deposit("bob", 1)).await?;
    /// # app.settled().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_now(mut self) -> Self {
        let part = match self.parts.last_mut() {
            Some(Ok(part)) if !part.is_projection => {
                part.from_now = true;
                return self;
            }
            Some(Ok(part)) => part.title.clone(),
            // What is wrong with it is said first.
            Some(Err(_)) => return self,
            None => "what is not there yet".to_owned(),
        };
        self.parts.push(Err(StartError::NotFromNow { part }));
        self
    }

    /// Describes what the application consists of, before it starts: for documentation, and tests that keep it true. A saga
    /// whose definition cannot be is left out.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
    /// # fn main() {
    /// let store = std::sync::Arc::new(annals::MemoryStore::new());
    /// let bank = App::new(store).aggregate::<Account>().projection::<Totals>();
    /// let diagram = bank.describe().to_mermaid();
    /// assert!(diagram.contains(r#"commands_account["deposit"]:::command --> aggregate_account"#), "{diagram}");
    /// # }
    /// ```
    pub fn describe(&self) -> Application {
        self.description.clone()
    }

    /// Checks everything, then starts the parts.
    ///
    /// # Errors
    /// [`StartError`] names the first thing that is missing or wrong; nothing has been started then.
    pub async fn start(self) -> Result<App, StartError> {
        let Self { store, env, services, cached, aggregates, foreign, parts, layers, description } = self;
        let mut parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let info = store.info();
        if info.log(LogId::MAIN).is_none() {
            return Err(ReadError::UnknownLog(LogId::MAIN).into());
        }
        aggregates::check(&aggregates, &services)?;
        let mut progress = BTreeMap::new();
        let mut projections = BTreeSet::new();
        let mut sagas: BTreeMap<TypeId, Arc<dyn Any + Send + Sync>> = BTreeMap::new();
        for part in &parts {
            for capability in &part.capabilities {
                if !info.can(*capability) {
                    let needed_by = part.title.clone();
                    return Err(StartError::MissingCapability { store: info.name, capability: *capability, needed_by });
                }
            }
            for service in &part.services {
                let needed_by = || part.title.clone();
                services.check(*service).map_err(|source| StartError::MissingService { needed_by: needed_by(), source })?;
            }
            aggregates::check_sent(&part.sends, &aggregates, &foreign)?;
            let name = part.view.as_str().to_owned();
            if part.is_projection {
                projections.insert(name.clone());
            }
            if progress.insert(name.clone(), Progress::new(&name)).is_some() {
                return Err(StartError::Repeated { what: part.title.clone(), remedy: "give each its own name, and add it once" });
            }
            if let Some((state, runner)) = &part.runner
                && sagas.insert(*state, Arc::clone(runner)).is_some()
            {
                let what = format!("the state type of {}", part.title);
                return Err(StartError::Repeated { what, remedy: "give each saga a state type of its own" });
            }
        }
        for part in &mut parts {
            let prepared = part.start.prepare().await;
            prepared.map_err(|source| StartError::Setup { needed_by: part.title.clone(), source })?;
        }
        let schedule = schedule::category().filter(|_| info.can(Capability::Timers)).map(Alarm::new);
        let engine = Arc::new(Engine::new(Store(store), env.unwrap_or_else(system_env), services, cached));
        let bus = layers.into_iter().fold(bus::plain(Arc::clone(&engine)), |bus, layer| layer(bus));
        let own = aggregates.iter().map(|aggregate| (aggregate.category, aggregate.commands));
        let known = own.chain(foreign.iter().map(|foreign| (foreign.category, foreign.commands)));
        let commands = known.flat_map(|(category, commands)| {
            commands.iter().map(move |command| ((category.to_owned(), command.name.to_owned()), command.read))
        });
        let commands = commands.collect();
        let aggregates = aggregates.iter().map(|aggregate| aggregate.id).collect();
        let shared = Arc::new(Shared {
            engine,
            bus,
            aggregates,
            commands,
            schedule,
            progress,
            projections,
            sagas,
            description,
            life: Life::default(),
            seen_end: AtomicU64::new(0),
        });
        for part in parts.iter_mut().filter(|part| part.from_now) {
            let begun = projection::begin_now(&shared, &part.view).await;
            begun.map_err(|source| StartError::Setup { needed_by: part.title.clone(), source })?;
        }
        if let Some(alarm) = &shared.schedule {
            let with = Arc::clone(&shared);
            let deliver = move |stream| {
                let with = Arc::clone(&with);
                async move { schedule::deliver(&with, stream).await }
            };
            shared.spawn(Arc::clone(alarm).serve(Arc::clone(&shared), deliver));
        }
        for part in parts {
            if let Some(progress) = shared.progress.get(part.view.as_str()) {
                part.start.run(&shared, progress.clone());
            }
        }
        Ok(App::running(shared))
    }
}

fn named(name: &str, part: impl FnOnce(ViewName) -> Part) -> Result<Part, StartError> {
    ViewName::new(name).map(part).map_err(|error: InvalidViewName| error.into())
}

impl fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let categories: Vec<_> = self.aggregates.iter().map(|aggregate| aggregate.category).collect();
        f.debug_struct("AppBuilder")
            .field("store", &self.store.info().name)
            .field("aggregates", &categories)
            .finish_non_exhaustive()
    }
}
