use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Builder;

use super::{CHECKS, Subject};

/// How long one check may take before it counts as hanging.
const CHECK_LIMIT: Duration = Duration::from_secs(120);

/// How long something may take that should happen at once.
const SOON: Duration = Duration::from_secs(5);

/// One line of the contract, as a check that a store passes or not.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    name: &'static str,
    run: fn(Subject) -> BoxFuture<'static, ()>,
}

impl Check {
    pub(super) const fn new(name: &'static str, run: fn(Subject) -> BoxFuture<'static, ()>) -> Self {
        Self { name, run }
    }

    /// The sentence that it checks.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it on a fresh store, in a runtime of its own.
    ///
    /// # Errors
    /// What the check found wrong.
    pub fn run<S: Into<Subject>>(&self, factory: impl AsyncFn() -> S) -> Result<(), String> {
        let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().map_err(|error| error.to_string())?;
        let result = runtime.block_on(async {
            let subject = factory().await.into();
            within(CHECK_LIMIT, AssertUnwindSafe((self.run)(subject)).catch_unwind()).await
        });
        runtime.shutdown_background();
        match result {
            Some(Ok(())) => Ok(()),
            Some(Err(panic)) => Err(message(&*panic)),
            None => Err(format!("it has not ended after {} s", CHECK_LIMIT.as_secs())),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

/// What one check said about a store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The name of the check.
    pub check: &'static str,
    /// What it found wrong, if anything.
    pub result: Result<(), String>,
}

/// Runs every check on a fresh store each, and gives back what each said.
pub fn run<S: Into<Subject>>(factory: impl AsyncFn() -> S) -> Vec<Outcome> {
    CHECKS.iter().map(|check| Outcome { check: check.name, result: check.run(&factory) }).collect()
}

/// Runs the check with this name: what `event_store_compliance!` expands to.
///
/// # Panics
/// If the store fails the check, or no check has this name.
#[doc(hidden)]
pub fn assert_check<S: Into<Subject>>(name: &str, factory: impl AsyncFn() -> S) {
    let check = CHECKS.iter().find(|check| check.name == name).expect("the macro and the list come from one source");
    if let Err(reason) = check.run(factory) {
        panic!("{reason}");
    }
}

/// Waits for something that should happen at once.
///
/// # Panics
/// If it does not happen.
pub(super) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match within(SOON, future).await {
        Some(value) => value,
        None => panic!("{what} has not happened after {} s", SOON.as_secs()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a real store is watched in real time: one that hangs must fail, not hang the run")]
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}
