//! What expansions demand of the types of fields: the mistake of a type without serde is told once, at the field.
//!
//! serde's own derive macros, which write and read the hidden types, would tell it four times. So what they generate is
//! conditional on [`IsHeld`], as other expansions are on the traits of [`demand`](super::demand); where the condition is not
//! met, the functions are not there and those of [`Unheld`] are called instead, which never run.

use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize, Serializer};

/// Demands a type that a field may hold.
pub const fn held<T: Held>() {}

#[diagnostic::on_unimplemented(
    message = "a field holds `{Self}`, but serde does not write and read it",
    label = "no serde",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or say how with `#[serde(with = \"…\")]` on the field"
)]
pub trait Held: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Held for T {}

pub trait IsHeld<'a>: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> IsHeld<'_> for T {}

/// Has the names of what serde's derive macros generate for a remote type, and gives way to it.
pub trait Unheld {
    /// # Errors
    /// Never, because it is never called.
    fn serialize<T, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        unreachable!()
    }

    /// # Errors
    /// Never, because it is never called.
    fn deserialize<'de, T, D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        unreachable!()
    }
}

impl<F> Unheld for F {}
