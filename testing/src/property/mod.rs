//! Property tests of aggregates: whatever the commands, this holds.
//!
//! A test names the commands and how their values are drawn, with the strategies of [`proptest`]. The harness plays hundreds
//! of histories of them, checks what must hold for every aggregate, and then what the test says. If something does not
//! hold, the history is made shorter and its values smaller until nothing more can be left out, and that is what is shown.
//!
//! ```should_panic
//! use annals::prelude::*;
//! use annals_testing::property::commands;
//! # use std::convert::Infallible;
//!
//! #[derive(Event)]
//! enum AccountEvent { Deposited { amount: u64 }, Withdrawn { amount: u64 } }
//! # #[derive(Command)] struct Deposit { #[id] account: String, amount: u64 }
//! # #[derive(Command)] struct Withdraw { #[id] account: String, amount: u64 }
//! # #[derive(Debug, thiserror::Error)] #[error("there is too little")] struct TooLittle;
//!
//! #[aggregate(id = String, event = AccountEvent)]
//! #[derive(Default)]
//! struct Account { balance: i64 }
//!
//! #[aggregate]
//! impl Account {
//! #   #[command] fn deposit(&self, command: Deposit) -> Result<AccountEvent, Infallible> {
//! #       Ok(AccountEvent::Deposited { amount: command.amount })
//! #   }
//!     #[command]
//!     fn withdraw(&self, command: Withdraw) -> Result<AccountEvent, TooLittle> {
//!         if self.balance < 0 { return Err(TooLittle) }
//!         Ok(AccountEvent::Withdrawn { amount: command.amount })
//!     }
//! #   #[event] fn evolve(&mut self, event: &AccountEvent) {
//! #       self.balance += match event {
//! #           AccountEvent::Deposited { amount } => *amount as i64,
//! #           AccountEvent::Withdrawn { amount } => -(*amount as i64),
//! #       }
//! #   }
//! }
//!
//! // In a `#[test] fn an_account_is_never_overdrawn()`:
//! commands::<Account>()
//!     .of(1..1_000_u64, |amount| Deposit { account: "A-1".into(), amount })
//!     .of(1..1_000_u64, |amount| Withdraw { account: "A-1".into(), amount }).weight(2)
//!     .check(|history| history.always(|account| assert!(account.balance >= 0, "it is overdrawn")));
//! ```
//!
//! It fails, and says so:
//!
//! ```text
//! after command 1, `withdraw`: it is overdrawn
//!   at tests/account.rs:40:57
//!
//! the shortest history for which it is so:
//!    1. withdraw {"account":"A-1","amount":1}
//!          account.withdrawn {"amount":1}
//!
//! to run it again: PROPTEST_RNG_SEED=9410842113310562204
//! ```
//!
//! # What is checked without a word
//!
//! - Deciding is pure: each command is decided twice and comes to the same.
//! - Commands and events are the same after they were written and read.
//! - Nothing is lost in a replay: a state that has read everything from the store decides as the one that was there when
//!   it happened. (Also [compared by `PartialEq`](Commands::comparing_states), if you like.)
//! - Neither deciding nor taking in an event panics.
//! - The test shows something: no command was rejected every time, unless [you say so](Commands::even_if_rejected).
//!
//! # Time
//!
//! A history begins at 2026-01-01T00:00:00Z, or [when the test says](Commands::at), and before each command passes up to an
//! hour, or [as much as the test says](Commands::pauses_up_to). A command that was rejected is shown with the moment at which
//! it was.
//!
//! # Repeating a failure
//!
//! A run that failed ends with `to run it again: PROPTEST_RNG_SEED=…`: with that variable, the test draws the same histories.
//! Nothing is written to files; the shortest history is better kept as an example, with [`Given`](crate::Given). The number of
//! histories is set by [`cases`](Commands::cases) or the variable `PROPTEST_CASES`, and much else by
//! [`config`](Commands::config).
//!
//! In `proptest!`, beside other values, [`Commands`] are a strategy: `history in commands::<Account>().of(…)`. There, proptest keeps what
//! failed in a file beside the test, `tests/account.proptest-regressions` or `proptest-regressions/account.txt`, unless its
//! configuration says otherwise.

mod caught;
mod commands;
mod deed;
mod draw;
mod history;
mod play;
mod run;
mod shrink;
mod tally;
mod trial;

pub use commands::{Commands, commands};
pub use history::{Decision, History};
pub use proptest::test_runner::Config;
pub use shrink::Shrinking;
