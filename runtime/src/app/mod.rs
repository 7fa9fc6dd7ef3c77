//! The application: what a service author puts together, starts and talks to.

mod acting;
mod aggregates;
mod builder;
pub(crate) mod part;

use std::any::{TypeId, type_name};
use std::sync::Arc;
use std::time::Duration;

use annals_core::describe::Application;
use annals_core::store::ReadStream;
use annals_core::{
    Aggregate, CommandId, CommandOf, Env, EventStore, Evolve, Filter, Handle, LogPosition, Projection, Recorded, Routed,
    ScheduleEvent, Tenant, Version,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use acting::Acting;
pub use builder::AppBuilder;

use crate::error::{LoadError, SagaError, ScheduleError, ViewReadError, WaitError};
use crate::progress::{Progress, Status};
use crate::projection::View;
use crate::saga::{Runner, Sagas};
use crate::send::{Receipt, Sending};
use crate::shared::Shared;
use crate::subscription::Subscription;

/// A running application. Cheap to clone; every clone is the same application.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// let store = annals::connect("memory:").await?;
/// let app = App::new(store).aggregate::<Account>().projection::<Totals>().start().await?;
/// let receipt = app.send(Deposit { account: "ann".into(), amount: 5 }).await?;
/// app.wait_for(&receipt).await?;
/// assert_eq!(app.view::<Totals>()?.single().await?.deposited, 5);
/// assert_eq!(app.load::<Account>(&"ann".into()).await?.state.balance, 5);
/// app.shutdown(Duration::from_secs(10)).await;
/// # Ok(())
/// # }
/// ```
///
/// Dropping the last clone stops nothing: call [`shutdown`](Self::shutdown).
#[derive(Clone, Debug)]
pub struct App {
    shared: Arc<Shared>,
}

/// An aggregate as its stream has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded<A> {
    /// Its state.
    pub state: A,
    /// Its version; zero if nothing has happened to it.
    pub version: Version,
}

impl App {
    /// Begins to put an application together on a store.
    #[expect(clippy::new_ret_no_self, reason = "what begins here becomes an `App` by `start`")]
    pub fn new(store: Arc<dyn EventStore>) -> AppBuilder {
        AppBuilder::new(store)
    }

    pub(crate) fn running(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Sends a command to its aggregate: loads, decides, appends, and decides again if another writer came first.
    ///
    /// # Errors
    /// When awaited, [`SendError`](crate::SendError) with the domain's own error type.
    ///
    /// # Cancellation
    /// Dropping the future leaves the command done or not done, never half; send it again under the same id to know.
    pub fn send<C: Routed>(&self, command: C) -> Sending<<C::Aggregate as Handle<C>>::Error> {
        Sending::new(Arc::clone(&self.shared), command.erased())
    }

    /// Sends a command to an aggregate that is named here, `app.send_to::<Order, _>(command)`: for commands of another
    /// crate.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_to<A: Aggregate, C: CommandOf<A>>(&self, command: C) -> Sending<C::Error> {
        Sending::new(Arc::clone(&self.shared), command.erased())
    }

    /// Reads an aggregate from its stream.
    ///
    /// # Errors
    /// [`LoadError`] if its history cannot be read.
    pub async fn load<A: Evolve>(&self, id: &A::Id) -> Result<Loaded<A>, LoadError> {
        self.load_of(&Tenant::NONE, id).await
    }

    /// Reads an aggregate of a tenant from its stream.
    ///
    /// # Errors
    /// [`LoadError`] if its history cannot be read.
    pub async fn load_of<A: Evolve>(&self, tenant: &Tenant, id: &A::Id) -> Result<Loaded<A>, LoadError> {
        let stream = A::stream(tenant, id)?;
        let mut loaded = Loaded { state: A::default(), version: Version::ZERO };
        let mut next = Some(Version::FIRST);
        while let Some(from) = next {
            let page = self.shared.store().read_stream(ReadStream::forward(stream.clone()).from(from)).await?;
            for record in &page.events {
                loaded.state.evolve(&record.decode()?);
                loaded.version = record.version;
            }
            next = page.next;
        }
        Ok(loaded)
    }

    /// The documents of a projection.
    ///
    /// # Errors
    /// [`ViewReadError`] if the application does not have the projection.
    pub fn view<P: Projection>(&self) -> Result<View<P>, ViewReadError> {
        View::new(&self.shared)
    }

    /// The instances of a saga, by the type of its state.
    ///
    /// # Errors
    /// [`SagaError`] if the application does not have the saga.
    pub fn saga<S: Serialize + DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Sagas<S>, SagaError> {
        let unknown = || SagaError::Unknown(type_name::<S>());
        let runner = self.shared.sagas.get(&TypeId::of::<S>()).ok_or_else(unknown)?;
        let runner = Arc::clone(runner).downcast::<Runner<S>>().map_err(|_| unknown())?;
        Ok(Sagas::new(Arc::clone(&self.shared), runner))
    }

    /// Reads a log as it grows, above a position.
    pub fn subscribe(&self, filter: Filter, after: LogPosition) -> Subscription {
        Subscription::new(self.shared.store().clone(), filter, after, self.shared.life.stop.clone())
    }

    /// Waits until every projection has taken in what a command wrote.
    ///
    /// # Errors
    /// [`WaitError`] if a projection has stopped or the application shuts down.
    pub async fn wait_for(&self, receipt: &Receipt) -> Result<(), WaitError> {
        match receipt.position {
            Some(position) => self.wait_for_position(position).await,
            None => Ok(()),
        }
    }

    /// Waits until every projection has come to a position, which may be from another process.
    ///
    /// # Errors
    /// [`WaitError`] if a projection has stopped or the application shuts down.
    pub async fn wait_for_position(&self, position: LogPosition) -> Result<(), WaitError> {
        for name in &self.shared.projections {
            if let Some(progress) = self.shared.progress.get(name) {
                progress.wait_for(position).await?;
            }
        }
        Ok(())
    }

    /// Calls a command off that was put off with [`Sending::at`]. Returns whether it will not be sent because of that:
    /// `false` says that it was sent or called off before.
    ///
    /// # Errors
    /// [`ScheduleError::NotScheduled`] if no command was put off under this id.
    pub async fn cancel_scheduled(&self, id: CommandId) -> Result<bool, ScheduleError> {
        self.cancel_scheduled_of(&Tenant::NONE, id).await
    }

    /// Calls a command of a tenant off, see [`cancel_scheduled`](Self::cancel_scheduled).
    ///
    /// # Errors
    /// As [`cancel_scheduled`](Self::cancel_scheduled).
    pub async fn cancel_scheduled_of(&self, tenant: &Tenant, id: CommandId) -> Result<bool, ScheduleError> {
        crate::schedule::cancel(&self.shared, tenant, id).await
    }

    /// What has happened to a command that was put off, oldest first: when it is due, how its attempts went, how it ended.
    ///
    /// # Errors
    /// [`ScheduleError::NotScheduled`] if no command of the tenant was put off under this id.
    pub async fn scheduled(&self, tenant: &Tenant, id: CommandId) -> Result<Vec<Recorded<ScheduleEvent>>, ScheduleError> {
        crate::schedule::history(&self.shared, tenant, id).await
    }

    /// Waits until nothing is left to do: every projection, subscriber and saga has taken in everything in the log, and no
    /// instance of a saga is running (suspended ones do not run). Commands that are put off and not due are left out.
    ///
    /// An instance that waits for its next attempt is running.
    ///
    /// # Errors
    /// [`WaitError`] if a part has stopped or the application shuts down.
    pub async fn settled(&self) -> Result<(), WaitError> {
        loop {
            let end = self.shared.end_of_log().await?;
            for progress in self.shared.progress.values() {
                progress.wait_for(end).await?;
            }
            let running = crate::saga::running(&self.shared).await?;
            if !running && self.shared.end_of_log().await? == end {
                return Ok(());
            }
            if running && !self.shared.pause(Duration::from_millis(5)).await {
                return Err(WaitError::ShutDown(end));
            }
        }
    }

    /// How far each projection, subscriber and saga has come, and how it is doing, in order of their names.
    pub fn status(&self) -> Vec<Status> {
        self.shared.progress.values().map(Progress::status).collect()
    }

    /// Describes what it consists of, see [`AppBuilder::describe`].
    pub fn describe(&self) -> Application {
        self.shared.description.clone()
    }

    /// The store it runs on.
    pub fn store(&self) -> Arc<dyn EventStore> {
        Arc::clone(&self.shared.store().0)
    }

    /// Its clock, randomness and executor.
    pub fn env(&self) -> &Env {
        self.shared.env()
    }

    /// Shuts down: accepts no more commands and begins nothing new, lets what is in flight finish for up to `grace`, then
    /// hands the rest back to whoever starts next. Returns whether everything finished.
    ///
    /// A command that is not done by then ends with [`AppendError::Unknown`](annals_core::store::AppendError::Unknown).
    pub async fn shutdown(&self, grace: Duration) -> bool {
        let life = &self.shared.life;
        life.stop.cancel();
        life.tasks.close();
        life.sending.close();
        let deadline = self.shared.env().now().after(grace);
        let finished = tokio::select! {
            ((), ()) = futures_util::future::join(life.tasks.wait(), life.sending.wait()) => true,
            () = self.shared.env().sleep_until(deadline) => false,
        };
        life.kill.cancel();
        life.tasks.wait().await;
        finished
    }
}

#[cfg(test)]
fn _send_is_send<E: std::error::Error + Send + Sync + 'static>(sending: Sending<E>) -> impl Send {
    std::future::IntoFuture::into_future(sending)
}

#[cfg(test)]
fn _start_is_send(builder: AppBuilder) -> impl Send {
    builder.start()
}
