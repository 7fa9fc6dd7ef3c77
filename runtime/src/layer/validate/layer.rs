use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use annals_core::Command;
use tower::filter::Filter;
use tower::{BoxError, Layer};

use super::predicate::{Check, Checks, Validate};

/// Checks commands before their aggregate is loaded, and refuses those that fail as
/// [`Invalid`](super::Invalid).
///
/// It is for what several commands have in common, or what the domain should not have to know: lengths, forms, signs. What
/// depends on the state belongs into the aggregate. A command without a check goes through.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use annals::layer::{Invalid, ValidateLayer};
///
/// let checks = ValidateLayer::new()
///     .check::<Deposit, _>(|deposit| if deposit.amount > 0 { Ok(()) } else { Err("nothing is no amount") })
///     .check::<Deposit, _>(|deposit| if deposit.account.is_ascii() { Ok(()) } else { Err("accounts are ASCII") });
/// let app = App::new(store).aggregate::<Account>().layer(checks).start().await?;
/// let Err(error) = app.send(deposit("앤", 0)).await else { unreachable!() };
/// let invalid = error.layer::<Invalid>().unwrap();
/// assert_eq!(invalid.to_string(), "`deposit` is invalid: nothing is no amount, accounts are ASCII");
/// # Ok(())
/// # }
/// ```
///
/// Commands of sagas are checked like any others, and those that are put off when they are put off and when they are due.
#[derive(Clone, Default)]
#[must_use = "it checks nothing until it is added with `.layer(…)`"]
pub struct ValidateLayer {
    checks: Checks,
}

impl ValidateLayer {
    /// A layer without a check: everything goes through.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks each command of the type `C`. All checks of a command are made, also after one has failed.
    pub fn check<C, E>(mut self, check: impl Fn(&C) -> Result<(), E> + Send + Sync + 'static) -> Self
    where
        C: Command,
        E: Into<BoxError>,
    {
        let check: Check = Arc::new(move |command| match command.get::<C>() {
            Some(command) => check(command).map_err(Into::into),
            None => Ok(()),
        });
        let (_, checks) = self.checks.entry(TypeId::of::<C>()).or_insert((C::NAME, Vec::new()));
        checks.push(check);
        self
    }
}

impl<S> Layer<S> for ValidateLayer {
    type Service = Filter<S, Validate>;

    fn layer(&self, inner: S) -> Self::Service {
        Filter::new(inner, Validate::new(self.checks.clone()))
    }
}

impl fmt::Debug for ValidateLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::predicate::show(&self.checks, "ValidateLayer", f)
    }
}
