//! Descriptions: what an application consists of, as values to print, compare and draw.
//!
//! What is known without running anything is here: the commands and events of an aggregate, the steps of a saga and how
//! they are undone, which events lead to which reader. Which command leads to which event is not: that is decided by
//! code. So diagrams that are drawn from descriptions are never out of date, and never say more than there is.
//!
//! [`aggregate`], [`projection`] and [`saga`] describe one type; `describe` of an application, before or after it
//! started, describes them all. Each description can be drawn as [Mermaid](https://mermaid.js.org), which Git forges
//! and many editors show, and written as JSON by serde.
//!
//! ```
//! # use annals_core as annals;
//! use annals::describe;
//! use annals::saga::{Definition, StepError};
//! use std::convert::Infallible;
//!
//! # fn main() -> Result<(), annals::saga::InvalidSaga> {
//! let greeting = Definition::<u64>::named("greeting")
//!     .step("greet")
//!     .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
//!     .pivot()
//!     .build()?;
//! let diagram = greeting.describe().to_mermaid();
//! assert!(diagram.starts_with("flowchart TB\n"));
//! assert!(diagram.contains("greet{{\"greet<br/>"), "{diagram}");
//! # let _: describe::Saga = greeting.describe();
//! # Ok(())
//! # }
//! ```

mod aggregate;
mod application;
mod history;
mod mermaid;
mod reader;
mod saga;
mod span;

pub use aggregate::{Aggregate, Command, Event, aggregate};
pub use application::{Application, Store};
pub use history::{History, history};
pub use reader::{Projection, Subscriber, projection};
pub use saga::{Action, Saga, SentCommand, Step, saga};
