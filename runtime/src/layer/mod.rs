//! Layers around the command bus: what happens to every command before and after it is decided.
//!
//! The bus is a [`tower::Service`](https://docs.rs/tower/0.5/tower/trait.Service.html) from a [`Request`] to an [`Outcome`], and
//! [`AppBuilder::layer`](crate::AppBuilder::layer) puts a [`tower::Layer`](https://docs.rs/tower/0.5/tower/trait.Layer.html) around it. Every command passes the layers: those that
//! are sent, those that are put off (when they are put off, and again when they are due), and those of sagas. The layer that is
//! added last sees a command first:
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = annals::connect("memory:").await?;
//! use std::time::Duration;
//!
//! use annals::layer::{AuditLayer, AuthorizeLayer, TimingLayer, ValidateLayer};
//! use tower::timeout::TimeoutLayer;
//!
//! let app = App::new(store)
//!     .aggregate::<Account>()
//!     .layer(TimingLayer::new(|timed| println!("{timed:?}"))) // innermost: what the command itself takes
//!     .layer(TimeoutLayer::new(Duration::from_secs(5)))
//!     .layer(ValidateLayer::new().check::<Deposit, _>(|it| if it.amount > 0 { Ok(()) } else { Err("nothing to deposit") }))
//!     .layer(AuthorizeLayer::new().allow::<Deposit>(|who, deposit| who.is(&deposit.account)).allow_sagas())
//!     .layer(AuditLayer::new(|entry| { println!("{entry}"); Ok::<_, std::io::Error>(()) })) // outermost: sees everything
//!     .start()
//!     .await?;
//! app.as_actor("ann").send(deposit("ann", 5)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # The layers of Annals
//! | layer | what it does | what the sender gets |
//! |---|---|---|
//! | [`AuthorizeLayer`] | who may send what; what has no rule is refused | [`Forbidden`] |
//! | [`ValidateLayer`] | checks of a command by itself, before anything is loaded | [`Invalid`] |
//! | [`AuditLayer`] | who sent what when, and what became of it | |
//! | [`TimingLayer`] | how long that took | |
//!
//! # Tower's layers
//! [`SendError::layer`](crate::SendError::layer) finds their errors by type, too.
//!
//! | layer | what it is for here | what the sender gets |
//! |---|---|---|
//! | [`FilterLayer`], [`AsyncFilterLayer`] | checks and metadata of your own; the second may wait for an answer | what you return: [`Refused`] around an error that is for good |
//! | [`TimeoutLayer`] | no sender waits longer. The command may have been stored: send it again under its id to know | [`Elapsed`] |
//! | [`ConcurrencyLimitLayer`] | so many commands at a time; the others wait | |
//! | [`LoadShedLayer`] | around a limit: no waiting, what finds no room is sent away | [`Overloaded`] |
//! | [`BufferLayer`] | a bounded queue, first come, first served. Add it first: its one task runs what is inside, and a panic there ends it for good | [`Closed`], after a panic |
//! | [`RateLimitLayer`] | so many commands in a time; inside a buffer, because it cannot be cloned: `ServiceBuilder::new().buffer(64).rate_limit(10, a_second)` | |
//!
//! A limit counts what sagas and the schedule send, too, and what is sent away there is tried again as the retry policy of the step
//! says: limit what comes from outside where it comes in, at the HTTP server. Not of use are tower's `retry` (conflicts are decided
//! again by the engine, and a request is not `Clone`), `hedge`, `balance`, `steer` and `spawn_ready`.
//!
//! # A layer of your own
//! A closure in a [`FilterLayer`] will often do. What has to act before and after is a service of its own:
//!
//! - It sees a [`Request`]: names, streams, typed commands, metadata, [`Origin`]. It may add keys to
//!   the metadata, wait, or answer with an error. It must not answer `Ok` in place of what is inside.
//! - To say "no" for good it answers with a [`Refused`] around its error. Any other error counts as a failure that may pass.
//! - It gives back the errors of what is inside as they are. If it wraps them, the sender gets
//!   [`SendError::Layer`](crate::SendError::Layer) in place of the domain's own error, and a saga takes a rejection for a failure that
//!   may pass.
//! - It takes time and randomness from [`Request::env`], so that a test can run it in virtual time.
//! - A panic in it ends the command alone, as [`SendError::Panicked`](crate::SendError::Panicked).
//! - [`Ending::of`] puts an answer into a word.
//!
//! [`FilterLayer`]: https://docs.rs/tower/0.5/tower/filter/struct.FilterLayer.html
//! [`AsyncFilterLayer`]: https://docs.rs/tower/0.5/tower/filter/struct.AsyncFilterLayer.html
//! [`TimeoutLayer`]: https://docs.rs/tower/0.5/tower/timeout/struct.TimeoutLayer.html
//! [`Elapsed`]: https://docs.rs/tower/0.5/tower/timeout/error/struct.Elapsed.html
//! [`ConcurrencyLimitLayer`]: https://docs.rs/tower/0.5/tower/limit/struct.ConcurrencyLimitLayer.html
//! [`LoadShedLayer`]: https://docs.rs/tower/0.5/tower/load_shed/struct.LoadShedLayer.html
//! [`Overloaded`]: https://docs.rs/tower/0.5/tower/load_shed/error/struct.Overloaded.html
//! [`BufferLayer`]: https://docs.rs/tower/0.5/tower/buffer/struct.BufferLayer.html
//! [`Closed`]: https://docs.rs/tower/0.5/tower/buffer/error/struct.Closed.html
//! [`RateLimitLayer`]: https://docs.rs/tower/0.5/tower/limit/struct.RateLimitLayer.html

mod audit;
mod authorize;
mod ending;
mod follow;
mod refused;
mod timing;
mod validate;

pub use annals_core::dispatch::NoDecision;

pub use crate::bus::Bus;
pub use crate::engine::{CommandRef, Origin, Outcome, Request, RequestError};
pub use audit::{Audit, AuditEntry, AuditLayer, AuditSink};
pub use authorize::{Authorize, AuthorizeLayer, Forbidden, ForbiddenReason, Who};
pub use ending::Ending;
pub use refused::Refused;
pub(crate) use refused::find;
pub use timing::{Timed, Timing, TimingLayer};
pub use validate::{Invalid, Validate, ValidateLayer};
