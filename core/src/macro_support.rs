//! What expansions of the macros call, so that they stay short. No stable interface: only `annals-macros` may use it.

#[path = "macro_support/demand.rs"]
pub mod demand;
#[path = "macro_support/form.rs"]
mod form;
#[path = "macro_support/generic.rs"]
pub mod generic;
#[path = "macro_support/held.rs"]
pub mod held;
#[path = "macro_support/name.rs"]
mod name;
#[path = "macro_support/parts.rs"]
pub mod parts;
#[path = "macro_support/stand_in.rs"]
pub mod stand_in;

use std::error::Error;
use std::fmt;

pub use form::{Variant, read, read_variant, write, write_variant};
pub use name::{Name, category};
pub use serde;

use crate::{DecodeError, EncodeError, Event, EventKind, InvalidTag, Payload, PayloadError, RecordedEvent, Tag};

/// Adds the tag of a field.
///
/// # Errors
/// [`InvalidTag`] if the value cannot be a tag.
pub fn tag(tags: &mut Vec<Tag>, key: &str, value: &(impl fmt::Display + ?Sized)) -> Result<(), InvalidTag> {
    tags.push(Tag::new(key, value)?);
    Ok(())
}

/// Adds the tag of a field that may have no value.
///
/// # Errors
/// [`InvalidTag`] if the value cannot be a tag.
pub fn optional_tag(tags: &mut Vec<Tag>, key: &str, value: &Option<impl fmt::Display>) -> Result<(), InvalidTag> {
    value.as_ref().map_or(Ok(()), |value| tag(tags, key, value))
}

/// The answer to a kind that an event type does not have.
pub fn foreign_kind(kind: &EventKind) -> PayloadError {
    let error: serde_json::Error = serde::de::Error::custom(format_args!("`{}` is a kind of another event type", kind.name));
    PayloadError::Json(error)
}

/// Whether a record is of one of the kinds of `E`, under its name or an alias.
pub fn holds<E: Event>(event: &RecordedEvent) -> bool {
    E::KINDS.iter().any(|kind| kind.is_named(event.name.as_str()))
}

/// The keys of the documents that an event is for.
pub type Keys = Result<Vec<String>, DecodeError>;

/// The key of a document per stream.
pub fn stream_key(event: &RecordedEvent) -> String {
    event.stream.id().to_owned()
}

/// What a `#[key]` method may return.
#[diagnostic::on_unimplemented(
    message = "a `#[key]` method cannot return `{Self}`",
    label = "not a key",
    note = "return `String`, or `Option<String>` to leave events out"
)]
pub trait IntoKey {
    /// The key; none leaves the event out.
    fn into_key(self) -> Option<String>;
}

impl IntoKey for String {
    fn into_key(self) -> Option<String> {
        Some(self)
    }
}

impl IntoKey for Option<String> {
    fn into_key(self) -> Option<String> {
        self
    }
}

/// What a `#[key]` function of a projection may return.
#[diagnostic::on_unimplemented(
    message = "a `#[key]` function of a projection cannot return `{Self}`",
    label = "not a key",
    note = "return `String`, `Option<String>` to leave events out, or `Vec<String>` for several documents"
)]
pub trait IntoKeys {
    /// The keys, each once; none leaves the event out.
    fn into_keys(self) -> Vec<String>;
}

/// What a method of a projection in SQL may return.
#[diagnostic::on_unimplemented(
    message = "a method of a projection in SQL cannot return `{Self}`",
    label = "not a `Result` of nothing and an error",
    note = "return `Result<(), annals::sqlite::Error>`, or another error that is `std::error::Error + Send + Sync + 'static`"
)]
pub trait IntoWritten {
    /// Whether it has written what it wanted.
    ///
    /// # Errors
    /// Why not.
    fn into_written(self) -> Result<(), Box<dyn Error + Send + Sync>>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> IntoWritten for Result<(), E> {
    fn into_written(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.map_err(Into::into)
    }
}

impl IntoKeys for String {
    fn into_keys(self) -> Vec<String> {
        vec![self]
    }
}

impl IntoKeys for Option<String> {
    fn into_keys(self) -> Vec<String> {
        Vec::from_iter(self)
    }
}

impl IntoKeys for Vec<String> {
    fn into_keys(mut self) -> Vec<String> {
        self.sort_unstable();
        self.dedup();
        self
    }
}

/// Stands in for an event type that was not named.
#[derive(Debug)]
pub enum NoEvent {}

impl Event for NoEvent {
    const KINDS: &'static [EventKind] = &[];

    fn kind(&self) -> &'static EventKind {
        match *self {}
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        match *self {}
    }

    fn from_payload(kind: &'static EventKind, _: &Payload) -> Result<Self, PayloadError> {
        Err(foreign_kind(kind))
    }
}
