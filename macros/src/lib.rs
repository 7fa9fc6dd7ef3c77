//! The macros of Annals, which users reach through the facade `annals`.
//!
//! Each macro is a folder that reads in order: `parse` (syntax to model), `model` (what the user said), `check` (the
//! rules; every mistake is collected), `expand` (model to code, which cannot fail), `fallback` (what stands in after an
//! error, so that no other error follows). The user's item is always given back untouched.

mod aggregate;
mod command;
mod conditional;
mod event;
mod inert;
mod projection;
mod saga;
mod support;

#[cfg(test)]
mod another_path;
#[cfg(test)]
mod size;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

#[doc = include_str!("docs/event.md")]
#[proc_macro_derive(Event, attributes(event, tag, serde))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

#[doc = include_str!("docs/command.md")]
#[proc_macro_derive(Command, attributes(command, id, serde))]
pub fn derive_command(input: TokenStream) -> TokenStream {
    command::derive(input.into()).into()
}

#[doc = include_str!("docs/aggregate.md")]
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    aggregate::attribute(arguments.into(), item.into()).into()
}

#[doc = include_str!("docs/projection.md")]
#[proc_macro_attribute]
pub fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    projection::attribute(arguments.into(), item.into()).into()
}

#[doc = include_str!("docs/saga.md")]
#[proc_macro_attribute]
pub fn saga(arguments: TokenStream, item: TokenStream) -> TokenStream {
    saga::attribute(arguments.into(), item.into()).into()
}

/// Reads an item with conditions when the compiler has decided them.
#[doc(hidden)]
#[proc_macro_derive(Configured)]
pub fn derive_configured(carrier: TokenStream) -> TokenStream {
    conditional::derive(carrier.into()).into()
}

/// Takes away what was there to be derived.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn discard(_: TokenStream, _: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Marks a method that decides on a command, inside an [`#[aggregate] impl`](macro@aggregate#in-the-impl).
///
/// ```
/// # use annals::{Command, Event, aggregate};
/// # use std::convert::Infallible;
/// # #[derive(Event)] enum AccountEvent { Deposited { amount: u64 } }
/// # #[derive(Command)] struct Deposit { #[id] account: String, amount: u64 }
/// # #[aggregate(id = String, event = AccountEvent)] #[derive(Default)] struct Account { balance: u64 }
/// #[aggregate]
/// impl Account {
///     #[command]
///     fn deposit(&self, command: Deposit) -> Result<AccountEvent, Infallible> {
///         Ok(AccountEvent::Deposited { amount: command.amount })
///     }
///
///     // Declares the command as well: `struct GiveInterest { id: String, percent: u64 }`.
///     #[command(GiveInterest)]
///     fn give_interest(&self, percent: u64) -> Result<AccountEvent, Infallible> {
///         Ok(AccountEvent::Deposited { amount: self.balance * percent / 100 })
///     }
/// #   #[event] fn evolve(&mut self, _: &AccountEvent) {}
/// }
/// ```
#[proc_macro_attribute]
pub fn command(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("command", item.into()).into()
}

/// Marks the method that takes in the events, inside an [`#[aggregate] impl`](macro@aggregate#in-the-impl).
///
/// ```
/// # use annals::{Command, Event, aggregate};
/// # use std::convert::Infallible;
/// # #[derive(Event)] enum AccountEvent { Deposited { amount: u64 } }
/// # #[derive(Command)] struct Deposit { #[id] account: String, amount: u64 }
/// # #[aggregate(id = String, event = AccountEvent)] #[derive(Default)] struct Account { balance: u64 }
/// #[aggregate]
/// impl Account {
///     #[event]
///     fn evolve(&mut self, event: &AccountEvent) {
///         match event {
///             AccountEvent::Deposited { amount } => self.balance += amount,
///         }
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn event(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("event", item.into()).into()
}

/// Marks a function that fetches what a decision needs from outside, inside an
/// [`#[aggregate] impl`](macro@aggregate#in-the-impl).
///
/// ```
/// # use annals::{Command, Event, aggregate};
/// # use std::convert::Infallible;
/// # #[derive(Event)] enum AccountEvent { Deposited { amount: u64 } }
/// # #[derive(Command)] struct Deposit { #[id] account: String, amount: u64 }
/// # #[aggregate(id = String, event = AccountEvent)] #[derive(Default)] struct Account { balance: u64 }
/// # struct Rates;
/// # impl Rates { async fn today(&self) -> u64 { 1 } }
/// #[aggregate]
/// impl Account {
///     #[prepare]
///     async fn rate(_: &Deposit, rates: &Rates) -> Result<u64, Infallible> {
///         Ok(rates.today().await)
///     }
///
///     #[command]
///     fn deposit(&self, command: Deposit, rate: &u64) -> Result<AccountEvent, Infallible> {
///         Ok(AccountEvent::Deposited { amount: command.amount * rate })
///     }
/// #   #[event] fn evolve(&mut self, _: &AccountEvent) {}
/// }
/// ```
#[proc_macro_attribute]
pub fn prepare(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("prepare", item.into()).into()
}

/// Marks a method that takes in events, inside a [`#[projection] impl`](macro@projection) or a
/// [`#[saga] impl`](macro@saga).
///
/// ```
/// # use annals::{Event, projection};
/// # #[derive(Event)] enum AccountEvent { Deposited { owner: String, amount: u64 } }
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Wealth { total: u64 }
/// #[projection]
/// impl Wealth {
///     #[on]
///     fn account(&mut self, event: &AccountEvent) {
///         let AccountEvent::Deposited { amount, .. } = event;
///         self.total += amount;
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("on", item.into()).into()
}

/// Marks a function that says which document or which instance an event is for, inside a
/// [`#[projection] impl`](macro@projection) or a [`#[saga] impl`](macro@saga).
///
/// ```
/// # use annals::{Event, projection};
/// # #[derive(Event)] enum AccountEvent { Deposited { owner: String, amount: u64 } }
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Wealth { total: u64 }
/// #[projection]
/// impl Wealth {
/// #   #[on]
/// #   fn account(&mut self, event: &AccountEvent) {
/// #       let AccountEvent::Deposited { amount, .. } = event;
/// #       self.total += amount;
/// #   }
///     #[key]
///     fn owner(event: &AccountEvent) -> String {
///         let AccountEvent::Deposited { owner, .. } = event;
///         owner.clone()
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn key(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("key", item.into()).into()
}

/// Marks a function that begins an instance on an event, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn start(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("start", item.into()).into()
}

/// Marks a step, which sends commands or calls the outside world, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn step(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("step", item.into()).into()
}

/// Marks the method that undoes a step, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn undo(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("undo", item.into()).into()
}

/// Marks the method that takes in what a step came to, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn outcome(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("outcome", item.into()).into()
}

/// Marks a function that says whether an event is what the saga waits for, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn wait(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("wait", item.into()).into()
}

/// Marks the method that takes in why the saga is undone, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn failure(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("failure", item.into()).into()
}

/// Marks a method that reacts to a command that was refused, inside a [`#[saga] impl`](macro@saga).
#[proc_macro_attribute]
pub fn rejected(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("rejected", item.into()).into()
}

/// Marks the function that makes the tables of a projection in SQL, inside a
/// [`#[projection(sqlite)] impl`](macro@projection#in-sql).
///
/// ```
/// # use annals::sqlite::{Error, Transaction};
/// # use annals::{Event, projection};
/// # #[derive(Event)] enum AccountEvent { Deposited { amount: u64 } }
/// # struct Deposits;
/// #[projection(sqlite)]
/// impl Deposits {
///     #[setup]
///     fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
///         tx.execute_batch("drop table if exists deposit; create table deposit (amount integer not null) strict")
///     }
///
///     #[on]
///     fn account(&self, event: &AccountEvent, tx: &Transaction<'_>) -> Result<(), Error> {
///         let AccountEvent::Deposited { amount } = event;
///         tx.prepare_cached("insert into deposit values (?1)")?.execute([amount]).map(drop)
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn setup(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("setup", item.into()).into()
}
