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

#[doc = include_str!("docs/marks/command.md")]
#[proc_macro_attribute]
pub fn command(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("command", item.into()).into()
}

#[doc = include_str!("docs/marks/event.md")]
#[proc_macro_attribute]
pub fn event(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("event", item.into()).into()
}

#[doc = include_str!("docs/marks/prepare.md")]
#[proc_macro_attribute]
pub fn prepare(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("prepare", item.into()).into()
}

#[doc = include_str!("docs/marks/on.md")]
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("on", item.into()).into()
}

#[doc = include_str!("docs/marks/key.md")]
#[proc_macro_attribute]
pub fn key(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("key", item.into()).into()
}

#[doc = include_str!("docs/marks/start.md")]
#[proc_macro_attribute]
pub fn start(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("start", item.into()).into()
}

#[doc = include_str!("docs/marks/step.md")]
#[proc_macro_attribute]
pub fn step(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("step", item.into()).into()
}

#[doc = include_str!("docs/marks/undo.md")]
#[proc_macro_attribute]
pub fn undo(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("undo", item.into()).into()
}

#[doc = include_str!("docs/marks/outcome.md")]
#[proc_macro_attribute]
pub fn outcome(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("outcome", item.into()).into()
}

#[doc = include_str!("docs/marks/wait.md")]
#[proc_macro_attribute]
pub fn wait(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("wait", item.into()).into()
}

#[doc = include_str!("docs/marks/failure.md")]
#[proc_macro_attribute]
pub fn failure(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("failure", item.into()).into()
}

#[doc = include_str!("docs/marks/rejected.md")]
#[proc_macro_attribute]
pub fn rejected(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("rejected", item.into()).into()
}

#[doc = include_str!("docs/marks/setup.md")]
#[proc_macro_attribute]
pub fn setup(_: TokenStream, item: TokenStream) -> TokenStream {
    inert::explain("setup", item.into()).into()
}
