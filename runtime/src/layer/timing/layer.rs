use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tower::Layer;

use super::service::Timing;
use crate::engine::Origin;
use crate::layer::Ending;

/// Measures how long commands take and tells a closure, once a command, whatever became of it.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use annals::layer::TimingLayer;
///
/// // With the crate `metrics` it is
/// // metrics::histogram!("commands", "command" => timed.command, "ending" => timed.ending.as_str()).record(timed.took)
/// let timing = TimingLayer::new(|timed| println!("{} {}: {:?}", timed.command, timed.ending, timed.took));
/// let app = App::new(store).aggregate::<Account>().layer(timing).start().await?;
/// app.send(deposit("ann", 5)).await?; // deposit stored: 38µs
/// # Ok(())
/// # }
/// ```
///
/// # What is measured
/// The time from when the layer is called to the answer, by the clock of the application ([`Request::env`](crate::layer::Request::env)).
/// Added last, it measures what the sender waits for; added first, what the command itself takes. The wait for room in a
/// concurrency limit further in is over before any layer is called, and is in neither.
///
/// Commands that are sent together, as a saga may do, are told one by one, each with the time of them all. The closure is
/// called in the task of the sender and must be quick; if it panics, that is logged and the command goes on.
#[derive(Clone)]
#[must_use = "it measures nothing until it is added with `.layer(…)`"]
pub struct TimingLayer(Sink);

pub(super) type Sink = Arc<dyn Fn(&Timed) + Send + Sync>;

/// What a [`TimingLayer`] tells of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timed {
    /// The name of the command.
    pub command: &'static str,
    /// The category of its aggregate.
    pub category: &'static str,
    /// Where it came from.
    pub origin: Origin,
    /// What became of it.
    pub ending: Ending,
    /// How long that took.
    pub took: Duration,
}

impl TimingLayer {
    /// Tells `sink` of each command.
    pub fn new(sink: impl Fn(&Timed) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }
}

impl<S> Layer<S> for TimingLayer {
    type Service = Timing<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Timing::new(inner, Arc::clone(&self.0))
    }
}

impl fmt::Debug for TimingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimingLayer").finish_non_exhaustive()
    }
}
