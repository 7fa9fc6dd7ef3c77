//! What expansions of the macros name, and nothing else. No stable interface.

pub use annals_core::__macro_support::Keys;
pub use annals_core::__macro_support::stand_in::{EventIf, StoredIf};
pub use annals_core::__macro_support::{
    IntoKey, IntoKeys, IntoWritten, Name, NoEvent, category, demand, generic, held, holds, optional_tag, parts, read,
    read_variant, serde, stand_in, stream_key, tag, write, write_variant,
};
pub use annals_core::saga::builder::{ActivityResult, DefinitionBuilder};
pub use annals_core::saga::{__macro_support as saga, Call, Definition, Failure, InvalidSaga, RetryPolicy, Saga};
pub use annals_core::store::ViewName;
pub use annals_core::{
    Aggregate, Behaviour, Command, CommandInfo, Content, Context, DecodeError, Document, EncodeError, Event, EventContext,
    EventKind, Evolve, Fallible, Filter, Handle, IntoDocument, IntoEvents, InvalidTag, On, Payload, PayloadError, PrepareError,
    Projection, RecordedEvent, Routed, ServiceKey, Services, Tag, Upcaster,
};
// `Command` is the derive macro, which has the name of the trait.
pub use annals_macros::{Command, Configured, discard};
#[cfg(feature = "sqlite")]
pub use annals_store_sqlite as sqlite;
pub use core::clone::Clone;
pub use core::convert::Infallible;
pub use core::default::Default;
pub use core::fmt::Display;
pub use core::future::{Future, Ready, ready};
pub use core::marker::{PhantomData, Send, Sized, Sync};
pub use core::option::Option::{self, None, Some};
pub use core::primitive::{bool, str};
pub use core::result::Result::{self, Err, Ok};
pub use core::time::Duration;
pub use core::{assert, panic, unreachable};
pub use std::string::String;
pub use std::vec;
pub use std::vec::Vec;

/// What becomes of a document that has taken in an event.
pub type Applied = Result<Document, DecodeError>;
