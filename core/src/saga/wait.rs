//! What comes of an event for a step that waits.

use std::fmt;

use serde::Serialize;

use crate::{DecodeError, Event, EventContext, Filter, Json, PayloadError, RecordedEvent};

/// What says whether an event is the one that a step waits for: `Option<Result<outcome, refusal>>`, under whatever alias.
#[diagnostic::on_unimplemented(
    message = "what waits for an event cannot return `{Self}`",
    label = "not `Option<Result<outcome, refusal>>`",
    note = "return `Option<Result<outcome, refusal>>`: `None` for an event that is not awaited, `Some(Ok(…))` to go on, `Some(Err(…))` to undo the saga; if nothing is refused, the refusal is `std::convert::Infallible`"
)]
pub trait WaitResult {
    /// What it came to.
    type Outcome: Serialize;
    /// The "no".
    type Refusal: fmt::Display;

    /// The result as what it is.
    fn into_result(self) -> Option<Result<Self::Outcome, Self::Refusal>>;
}

impl<T: Serialize, X: fmt::Display> WaitResult for Option<Result<T, X>> {
    type Outcome = T;
    type Refusal = X;

    fn into_result(self) -> Self {
        self
    }
}

/// What an event comes to for the step that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The step is done, with this outcome.
    Accepted(Json),
    /// The event is a "no": the step is rejected, with this reason.
    Refused(String),
}

/// The instance that an event is for, by its business key, and what it comes to. None if the step does not wait for it.
pub(super) type Take = Box<dyn Fn(&RecordedEvent) -> Result<Option<(String, Verdict)>, DecodeError> + Send + Sync>;

/// How a step takes in the event that it waits for.
pub(super) struct Waiting {
    pub(super) filter: Filter,
    pub(super) take: Take,
}

impl Waiting {
    pub(super) fn new<E: Event, W: WaitResult>(
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        take: impl Fn(&E, &EventContext<'_>) -> W + Send + Sync + 'static,
    ) -> Self {
        let take = move |record: &RecordedEvent| {
            let (event, context) = (record.decode::<E>()?, EventContext::new(record));
            let Some(taken) = take(&event, &context).into_result() else { return Ok(None) };
            let Some(key) = key(&event, &context) else { return Ok(None) };
            let verdict = match taken {
                Ok(outcome) => match serde_json::to_value(&outcome) {
                    Ok(outcome) => Verdict::Accepted(outcome),
                    // Like an event that cannot be read: nothing is skipped.
                    Err(error) => return Err(DecodeError::of(record, PayloadError::from(error).into())),
                },
                Err(reason) => Verdict::Refused(reason.to_string()),
            };
            Ok(Some((key, verdict)))
        };
        Self { filter: Filter::events::<E>(), take: Box::new(take) }
    }
}
