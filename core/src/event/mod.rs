//! Events: immutable facts, stored under names that outlive the code.

mod decode;
mod kind;
mod name;
mod tag;
mod tagged;

pub(crate) use decode::decode;
pub use decode::{DecodeError, DecodeErrorKind};
pub use kind::{EventKind, UpcastError, Upcaster};
pub use name::{EventName, InvalidEventName};
pub use tag::{InvalidTag, Tag};
pub(crate) use tagged::{decode_fields, encode_fields};

use crate::{EncodeError, Payload, PayloadError};

/// The facts of one aggregate: usually an enum with `#[derive(Event)]`.
///
/// The derive macro names each variant (`order.placed` for `OrderEvent::Placed`), gives it a schema version and
/// writes its fields as a JSON object. Names and fields are the storage format: renaming a variant needs an
/// `alias`, changing its fields a new `version` with an upcaster.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "add `#[derive(Event)]` to the enum `{Self}`"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// Every kind of event that the type holds, in order of the variants.
    const KINDS: &'static [EventKind];

    /// The kind of this event.
    fn kind(&self) -> &'static EventKind;

    /// What it can be found by besides its stream.
    ///
    /// # Errors
    /// [`InvalidTag`] if a tagged field has a value that cannot be a tag.
    fn tags(&self) -> Result<Vec<Tag>, InvalidTag> {
        Ok(Vec::new())
    }

    /// Writes the body, in the newest schema version of its kind.
    ///
    /// # Errors
    /// [`EncodeError`] if a field cannot be written.
    fn encode(&self) -> Result<Payload, EncodeError>;

    /// Reads a body that has the newest schema version of `kind`, which is one of [`KINDS`](Self::KINDS).
    ///
    /// This is the last step of [`RecordedEvent::decode`](crate::RecordedEvent::decode), which is what everything else calls.
    ///
    /// # Errors
    /// [`PayloadError`] if the body does not fit.
    fn from_payload(kind: &'static EventKind, payload: &Payload) -> Result<Self, PayloadError>;
}
