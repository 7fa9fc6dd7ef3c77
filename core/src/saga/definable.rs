use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Definition, InvalidSaga};

/// A process over several aggregates and the outside world: the state of one instance, with a definition. Written as
/// `#[saga]` on an `impl`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    label = "not a saga",
    note = "put `#[saga]` on an `impl {Self}` with `#[start]` and `#[step]` methods, and derive `Serialize` and `Deserialize` for `{Self}`; a definition made with the builder is added with `.saga_with(…)`"
)]
pub trait Saga: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its definition.
    ///
    /// # Errors
    /// [`InvalidSaga`] if a name cannot be used. What `#[saga]` writes gives none.
    fn definition() -> Result<Definition<Self>, InvalidSaga>;
}
