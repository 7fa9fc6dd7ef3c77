//! The macros of Annals, which users reach through the facade `annals`.
//!
//! Each macro is a folder that reads in order: `parse` (syntax to model), `model` (what the user said), `check` (the
//! rules; every mistake is collected), `expand` (model to code, which cannot fail), `fallback` (what stands in after an
//! error, so that no other error follows). The user's item is always given back untouched.

mod aggregate;
mod command;
mod event;
mod inert;
mod projection;
mod support;

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

/// Marks a method that decides on a command, inside an [`#[aggregate] impl`](macro@aggregate).
#[proc_macro_attribute]
pub fn command(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("command", inert::AGGREGATE, item.into()).into()
}

/// Marks the method that takes in the events, inside an [`#[aggregate] impl`](macro@aggregate).
#[proc_macro_attribute]
pub fn event(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("event", inert::AGGREGATE, item.into()).into()
}

/// Marks a function that fetches what a decision needs from outside, inside an [`#[aggregate] impl`](macro@aggregate).
#[proc_macro_attribute]
pub fn prepare(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("prepare", inert::AGGREGATE, item.into()).into()
}

/// Marks a method that takes in events, inside a [`#[projection] impl`](macro@projection).
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("on", inert::PROJECTION, item.into()).into()
}

/// Marks a function that says which document an event is for, inside a [`#[projection] impl`](macro@projection).
#[proc_macro_attribute]
pub fn key(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("key", inert::PROJECTION, item.into()).into()
}

/// Marks the function that makes the tables of a projection in SQL, inside a [`#[projection(sqlite)] impl`](macro@projection).
#[proc_macro_attribute]
pub fn setup(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("setup", inert::SQL, item.into()).into()
}
