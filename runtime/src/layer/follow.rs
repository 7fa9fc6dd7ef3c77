//! Following a request to its end, whatever that is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::future::BoxFuture;
use tower::BoxError;

use super::Ending;
use crate::engine::{Outcome, panic_message};

/// How a request ended, and the answer, unless whoever sent it no longer waits for one.
pub(super) struct End<'a> {
    pub(super) ending: Ending,
    pub(super) answer: Option<&'a Result<Outcome, BoxError>>,
}

/// The answer of a service, and `tell` called once with how it ended: also if the future is dropped, or never polled.
pub(super) fn follow<F, E>(
    answering: F,
    put_off: bool,
    tell: impl FnOnce(End<'_>) + Send + 'static,
) -> BoxFuture<'static, Result<Outcome, BoxError>>
where
    F: Future<Output = Result<Outcome, E>> + Send + 'static,
    E: Into<BoxError>,
{
    let mut following = Following(Some(tell));
    Box::pin(async move {
        let answer = answering.await.map_err(Into::into);
        let ending = match Ending::of(&answer) {
            Ending::Stored if put_off => Ending::PutOff,
            ending => ending,
        };
        following.tell(End { ending, answer: Some(&answer) });
        answer
    })
}

struct Following<T: FnOnce(End<'_>)>(Option<T>);

impl<T: FnOnce(End<'_>)> Following<T> {
    fn tell(&mut self, end: End<'_>) {
        let Some(tell) = self.0.take() else { return };
        // Who only looks on must not end what it looks at.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| tell(end))) {
            tracing::error!(message = panic_message(&*panic), "what is told the end of a command has panicked");
        }
    }
}

impl<T: FnOnce(End<'_>)> Drop for Following<T> {
    fn drop(&mut self) {
        let ending = if std::thread::panicking() { Ending::Failed } else { Ending::Abandoned };
        self.tell(End { ending, answer: None });
    }
}
