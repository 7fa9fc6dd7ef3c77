use std::sync::Arc;

use annals_core::{Aggregate, CommandId, CommandOf, CorrelationId, Evolve, Handle, Recorded, Routed, ScheduleEvent, Tenant};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{App, Loaded};
use crate::error::{LoadError, SagaError, ScheduleError};
use crate::saga::Sagas;
use crate::send::Sending;

/// An application on behalf of somebody: what is sent through it carries the actor, and goes to the aggregates of the tenant.
///
/// Made by [`App::as_actor`] and [`App::on_behalf_of`], once a request, from what has been authenticated. Cheap to make and to
/// clone.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = bank().await?;
/// use annals::{Acting, Tenant};
///
/// async fn handler(app: Acting) -> Result<u64, Box<dyn std::error::Error>> {
///     let receipt = app.send(deposit("savings", 5)).await?;
///     app.app().wait_for(&receipt).await?;
///     Ok(app.load::<Account>(&"savings".into()).await?.state.balance)
/// }
///
/// assert_eq!(handler(app.on_behalf_of(Tenant::new("acme")?, "ann")).await?, 5);
/// assert_eq!(handler(app.on_behalf_of(Tenant::new("other")?, "bob")).await?, 5, "an account of its own");
/// # Ok(())
/// # }
/// ```
///
/// It is a convenience, not a wall: who has it can reach the whole [`app`](Self::app). What an actor may do is said by an
/// [`AuthorizeLayer`](crate::layer::AuthorizeLayer).
#[derive(Clone, Debug)]
pub struct Acting {
    app: App,
    tenant: Tenant,
    actor: Arc<str>,
    correlation: Option<CorrelationId>,
    trace: Option<Arc<str>>,
}

impl App {
    /// The application on behalf of an actor, for aggregates without a tenant.
    pub fn as_actor(&self, actor: impl Into<String>) -> Acting {
        self.on_behalf_of(Tenant::NONE, actor)
    }

    /// The application on behalf of an actor of a tenant.
    pub fn on_behalf_of(&self, tenant: Tenant, actor: impl Into<String>) -> Acting {
        Acting { app: self.clone(), tenant, actor: actor.into().into(), correlation: None, trace: None }
    }
}

impl Acting {
    /// Says which chain everything belongs to that is sent from here on. Without this each command begins one.
    #[must_use]
    pub fn correlation(self, id: CorrelationId) -> Self {
        Self { correlation: Some(id), ..self }
    }

    /// Sets the W3C `traceparent` of the span that everything belongs to that is sent from here on.
    #[must_use]
    pub fn trace(self, traceparent: impl Into<String>) -> Self {
        Self { trace: Some(traceparent.into().into()), ..self }
    }

    /// Sends a command on behalf of the actor, see [`App::send`].
    ///
    /// # Errors
    /// As [`App::send`].
    pub fn send<C: Routed>(&self, command: C) -> Sending<<C::Aggregate as Handle<C>>::Error> {
        self.saying_who(self.app.send(command))
    }

    /// Sends a command to an aggregate that is named here, see [`App::send_to`].
    ///
    /// # Errors
    /// As [`App::send`].
    pub fn send_to<A: Aggregate, C: CommandOf<A>>(&self, command: C) -> Sending<C::Error> {
        self.saying_who(self.app.send_to::<A, C>(command))
    }

    fn saying_who<E>(&self, sending: Sending<E>) -> Sending<E> {
        let mut sending = sending.tenant(self.tenant.clone()).actor(&*self.actor);
        if let Some(id) = self.correlation {
            sending = sending.correlation(id);
        }
        match &self.trace {
            Some(trace) => sending.trace(&**trace),
            None => sending,
        }
    }

    /// Reads an aggregate of the tenant from its stream.
    ///
    /// # Errors
    /// As [`App::load`].
    pub async fn load<A: Evolve>(&self, id: &A::Id) -> Result<Loaded<A>, LoadError> {
        self.app.load_of(&self.tenant, id).await
    }

    /// The instances of a saga that are the tenant's; those that are started are so on behalf of the actor.
    ///
    /// # Errors
    /// As [`App::saga`].
    pub fn saga<S: Serialize + DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Sagas<S>, SagaError> {
        Ok(self.app.saga::<S>()?.tenant(self.tenant.clone()).actor(&*self.actor))
    }

    /// Calls a command of the tenant off that was put off, see [`App::cancel_scheduled`].
    ///
    /// # Errors
    /// As [`App::cancel_scheduled`].
    pub async fn cancel_scheduled(&self, id: CommandId) -> Result<bool, ScheduleError> {
        self.app.cancel_scheduled_of(&self.tenant, id).await
    }

    /// What has happened to a command of the tenant that was put off, see [`App::scheduled`].
    ///
    /// # Errors
    /// As [`App::scheduled`].
    pub async fn scheduled(&self, id: CommandId) -> Result<Vec<Recorded<ScheduleEvent>>, ScheduleError> {
        self.app.scheduled(&self.tenant, id).await
    }

    /// On whose behalf.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Whose aggregates it is about.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The application itself, on nobody's behalf: for what is the same for everybody, such as
    /// [`wait_for`](App::wait_for) and [`view`](App::view).
    pub fn app(&self) -> &App {
        &self.app
    }
}
