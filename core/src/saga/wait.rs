//! What comes of an event for a step that waits.

use std::fmt;

use serde::Serialize;

use crate::{DecodeError, Event, EventContext, Filter, Json, PayloadError, RecordedEvent};

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
    pub(super) fn new<E, T, X>(
        key: impl Fn(&E, &EventContext<'_>) -> Option<String> + Send + Sync + 'static,
        take: impl Fn(&E, &EventContext<'_>) -> Option<Result<T, X>> + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        T: Serialize,
        X: fmt::Display,
    {
        let take = move |record: &RecordedEvent| {
            let (event, context) = (record.decode::<E>()?, EventContext::new(record));
            let Some(taken) = take(&event, &context) else { return Ok(None) };
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
