use std::fmt;

use serde_json::Value;
use thiserror::Error;

use super::{Event, UpcastError};
use crate::{Encoding, EventName, Payload, PayloadError, RecordedEvent, StreamId, Version};

/// A recorded event that this program cannot read. It names the event.
#[derive(Error)]
#[error("event {version} of `{stream}` (`{name}`, schema version {schema_version}) cannot be read")]
#[non_exhaustive]
pub struct DecodeError {
    /// The stream it is in.
    pub stream: StreamId,
    /// Its place there.
    pub version: Version,
    /// Its stored name.
    pub name: EventName,
    /// Its stored schema version.
    pub schema_version: u32,
    /// What is wrong.
    #[source]
    pub kind: DecodeErrorKind,
}

/// What is wrong with an event that cannot be read.
#[derive(Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// No variant has this name or alias.
    #[error("the program knows no event of this name, only {}: one that was renamed needs `#[event(alias = \"…\")]`", List(.known))]
    UnknownName {
        /// The names it knows.
        known: Vec<&'static str>,
    },
    /// A newer program wrote it.
    #[error("the program knows schema versions up to {known}: a newer one wrote this event")]
    FromTheFuture {
        /// The newest version it knows.
        known: u32,
    },
    /// The schema version is zero, which no program writes.
    #[error("there is no schema version 0")]
    NoVersion,
    /// The program does not say how its body is brought up to date.
    #[error("the program has no upcaster from schema version {from}")]
    NoUpcaster {
        /// The version it stopped at.
        from: u32,
    },
    /// An upcaster refused.
    #[error("its body cannot be brought from schema version {from} to {}", .from + 1)]
    Upcast {
        /// The version it stopped at.
        from: u32,
        /// Why.
        source: UpcastError,
    },
    /// The body does not fit.
    #[error("its body is corrupt or of another shape")]
    Body(#[from] PayloadError),
    /// The metadata does not fit.
    #[error("its metadata is corrupt")]
    Metadata(#[source] serde_json::Error),
}

crate::__debug_as_told!(DecodeError, DecodeErrorKind);

struct List<'a>(&'a [&'static str]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            write!(f, "{}`{name}`", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Reads a recorded event: finds its kind by name or alias, brings its body up to date, and decodes it.
///
/// Everything in Annals that turns stored events into values passes through here, so that no path forgets
/// upcasting.
///
/// # Errors
/// [`DecodeError`], which names the event and says what is wrong.
pub(crate) fn decode<E: Event>(event: &RecordedEvent) -> Result<E, DecodeError> {
    read(event).map_err(|kind| DecodeError::of(event, kind))
}

impl DecodeError {
    /// What is wrong with an event.
    pub(crate) fn of(event: &RecordedEvent, kind: DecodeErrorKind) -> Self {
        let (stream, name) = (event.stream.clone(), event.name.clone());
        Self { stream, version: event.version, name, schema_version: event.schema_version, kind }
    }
}

fn read<E: Event>(event: &RecordedEvent) -> Result<E, DecodeErrorKind> {
    let name = event.name.as_str();
    let Some(kind) = E::KINDS.iter().find(|kind| kind.is_named(name)) else {
        return Err(DecodeErrorKind::UnknownName { known: E::KINDS.iter().map(|kind| kind.name).collect() });
    };
    if event.schema_version == kind.version {
        return Ok(E::from_payload(kind, &event.payload)?);
    }
    if event.schema_version > kind.version {
        return Err(DecodeErrorKind::FromTheFuture { known: kind.version });
    }
    if event.schema_version == 0 {
        return Err(DecodeErrorKind::NoVersion);
    }
    let mut body: Value = event.payload.read()?;
    for from in event.schema_version..kind.version {
        let upcast = kind.upcasters.get(from as usize - 1).ok_or(DecodeErrorKind::NoUpcaster { from })?;
        body = upcast(body).map_err(|source| DecodeErrorKind::Upcast { from, source })?;
    }
    let data = serde_json::to_vec(&body).map_err(PayloadError::from)?;
    Ok(E::from_payload(kind, &Payload { encoding: Encoding::JSON, data: data.into() })?)
}
