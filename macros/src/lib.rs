//! Macros of Annals.

mod aggregate;
mod command;
mod event;
mod inert;
mod projection;
mod support;

use proc_macro::TokenStream;

/// Events.
#[proc_macro_derive(Event, attributes(event, tag, serde))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

/// Commands.
#[proc_macro_derive(Command, attributes(command, id, serde))]
pub fn derive_command(input: TokenStream) -> TokenStream {
    command::derive(input.into()).into()
}

/// Aggregates.
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    aggregate::attribute(arguments.into(), item.into()).into()
}

/// Projections.
#[proc_macro_attribute]
pub fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    projection::attribute(arguments.into(), item.into()).into()
}

const AGGREGATE: &str = "an `#[aggregate] impl` block: put `#[aggregate]` on the `impl` around it";
const PROJECTION: &str = "a `#[projection] impl` block: put `#[projection]` on the `impl` around it";

/// Marks a method of an [`#[aggregate] impl`](macro@aggregate) that decides on a command.
#[proc_macro_attribute]
pub fn command(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("command", AGGREGATE, item.into()).into()
}

/// Marks the method of an [`#[aggregate] impl`](macro@aggregate) that takes in its events.
#[proc_macro_attribute]
pub fn event(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("event", AGGREGATE, item.into()).into()
}

/// Marks a function of an [`#[aggregate] impl`](macro@aggregate) that fetches what a decision needs from outside.
#[proc_macro_attribute]
pub fn prepare(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("prepare", AGGREGATE, item.into()).into()
}

/// Marks a method of a [`#[projection] impl`](macro@projection) that takes in events.
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("on", PROJECTION, item.into()).into()
}

/// Marks a function of a [`#[projection] impl`](macro@projection) that says which document an event is for.
#[proc_macro_attribute]
pub fn key(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("key", PROJECTION, item.into()).into()
}
