use std::fmt;

use annals_core::saga::engine::Meaning;
use annals_core::saga::{Definition, InvalidSaga, Saga};
use annals_core::{Aggregate, Tenant, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SagaScenario;
use super::timeline::Timeline;
use crate::ManualClock;
use crate::story::{Line as _, Told, chain};

/// Starts the test of a saga.
///
/// ```
/// use annals::prelude::*;
/// use annals::saga::{Phase, StepError};
/// use annals_testing::given_saga;
/// # use std::convert::Infallible;
/// # #[derive(Event)] enum OrderEvent { Placed, Cancelled }
/// # #[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
/// # #[aggregate] impl Order { #[event] fn evolve(&mut self, _event: &OrderEvent) {} }
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Shipping { parcel: Option<u64> }
///
/// #[saga]
/// impl Shipping {
///     #[start]
///     fn placed(event: &OrderEvent) -> Option<Self> {
///         matches!(event, OrderEvent::Placed).then_some(Self { parcel: None })
///     }
///
///     #[step(timeout = "1h")]
///     async fn pack(&self) -> Result<u64, StepError<Infallible>> { Ok(7) }
///     #[outcome(pack)]
///     fn packed(&mut self, parcel: u64) { self.parcel = Some(parcel) }
///     #[undo(pack)]
///     async fn unpack(&self) -> Result<(), StepError<Infallible>> { Ok(()) }
///
///     #[step(pivot)]
///     async fn hand_over(&self) -> Result<(), StepError<Infallible>> { Ok(()) }
/// }
///
/// let placed = || given_saga::<Shipping>().begun_by::<Order>(&"A-17".to_owned(), OrderEvent::Placed);
///
/// placed()
///     .does("pack").returns(7_u64)
///     .then_state(|shipping| assert_eq!(shipping.parcel, Some(7)))
///     .does("hand_over").is_rejected("nobody is at home")
///     .undoes("pack").succeeds()
///     .then_ended(Phase::Compensated);
///
/// placed().does("pack").hangs().undoes("pack"); // an hour has passed
/// ```
#[track_caller]
pub fn given_saga<S: Saga>() -> GivenSaga<S> {
    given_saga_with(S::definition())
}

/// Starts the test of a saga whose definition was made with the builder.
#[track_caller]
pub fn given_saga_with<S>(definition: Result<Definition<S>, InvalidSaga>) -> GivenSaga<S> {
    let definition = definition.unwrap_or_else(|error| panic!("{error}"));
    GivenSaga { definition, tenant: Tenant::NONE, now: ManualClock::START }
}

/// A saga that has not begun.
#[must_use = "let it begin: `.begun_by(…)`"]
pub struct GivenSaga<S> {
    definition: Definition<S>,
    tenant: Tenant,
    now: Timestamp,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> GivenSaga<S> {
    /// It begins at this moment.
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// It begins for this tenant.
    pub fn tenant(self, tenant: Tenant) -> Self {
        Self { tenant, ..self }
    }

    /// The application starts an instance with a business key and a first state.
    ///
    /// # Panics
    /// If the key cannot be used, or the state cannot be written.
    #[track_caller]
    pub fn begun(self, key: &str, state: S) -> SagaScenario<S> {
        SagaScenario::new(self.definition, &self.tenant, key, state, Timeline::new(self.now))
    }

    /// An event of an aggregate starts an instance. If the saga reacts to events, it reacts to this one too.
    ///
    /// # Panics
    /// If the event starts none.
    #[track_caller]
    pub fn begun_by<A: Aggregate>(self, id: &A::Id, event: A::Event) -> SagaScenario<S> {
        let stream = A::stream(&self.tenant, id).unwrap_or_else(|error| panic!("{error}"));
        let told = Told::of(&event, 1, self.now);
        let record = told.recorded(&stream, 1, 1, self.now);
        let heard = self.definition.heard(&record).unwrap_or_else(|error| panic!("{}", chain(&error)));
        let begins = heard.into_iter().find_map(|heard| match heard.meaning {
            Meaning::Starts(state) => Some((heard.key, state)),
            _ => None,
        });
        let Some((key, state)) = begins else {
            panic!("the event starts no instance of the saga `{}`: {} of `{stream}`", self.definition.plan().name, told.line());
        };
        let mut timeline = Timeline::new(self.now);
        timeline.tell(format!("hears of {} of `{stream}`", told.line()), self.now);
        let mut scenario = SagaScenario::new(self.definition, &self.tenant, &key, state, timeline);
        // It may be one that reacts.
        let _means_nothing_more = scenario.take_in(record);
        scenario
    }
}

impl<S> fmt::Debug for GivenSaga<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenSaga").field("definition", &self.definition).finish_non_exhaustive()
    }
}
