//! The rules of projections that are folded into documents.

use syn::{FnArg, ReceiverKind};

use super::super::check::{check_once, check_others, check_plain};
use super::super::model::{Marked, Other, Projection};
use crate::support::Errors;
use crate::support::types::{is_named, returned, text};

/// Why nothing waits here.
const SAME: &str = "the same events give the same documents";

pub(crate) fn check(projection: &Projection<'_>, errors: &mut Errors) {
    if projection.ons.is_empty() {
        let absent = projection.block.but_absent(&["on"]);
        errors.at(
            &projection.block.self_ty,
            format_args!("a projection takes in events: write `#[on] fn …(&mut self, event: &…)`{absent}"),
        );
    }
    for on in &projection.ons {
        check_on(on, errors);
    }
    for key in &projection.keys {
        check_key(key, projection, errors);
    }
    check_once(&projection.keys, "given a key", errors);
    check_keys_complete(projection, errors);
}

fn check_on(on: &Marked<'_>, errors: &mut Errors) {
    let signature = &on.method.signature;
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_))) {
                errors.at(receiver, "an `#[on]` method changes the document: take `&mut self`");
            }
        }
        _ => errors.at(&signature.ident, "an `#[on]` method changes the document: take `&mut self`"),
    }
    if let Some(ty) = returned(signature)
        && is_named(ty, "Result")
    {
        errors.at(
            ty,
            "the event has happened, it cannot be refused: return nothing, or `Document` to say whether the document stays",
        );
    }
    let rule = "besides the event, an `#[on]` method may take `key: &str` and `context: &EventContext<'_>`";
    check_others(on, &[Other::Key, Other::Context], rule, errors);
    check_plain(signature, "an `#[on]` method", SAME, errors);
}

fn check_key(key: &Marked<'_>, projection: &Projection<'_>, errors: &mut Errors) {
    let signature = &key.method.signature;
    if projection.per_stream.is_some() {
        errors.at(key.mark, "`per_stream` says the key already: the id of the stream");
    }
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        errors.at(receiver, "a `#[key]` function says which document the event is for: it takes no `self`");
    }
    if returned(signature).is_none() {
        errors.at(
            &signature.ident,
            "a `#[key]` function returns `String`, `Option<String>` to leave events out, or `Vec<String>` for several documents",
        );
    }
    let rule = "besides the event, a `#[key]` function may take `context: &EventContext<'_>`";
    check_others(key, &[Other::Context], rule, errors);
    check_plain(signature, "a `#[key]` function", SAME, errors);
    if let Some(event) = key.event
        && !projection.events().any(|(_, taken)| taken == event)
        && projection.block.absent(&["on"]).next().is_none()
    {
        let name = text(event);
        errors.at(event, format_args!("no `#[on]` method takes `{name}`: write `#[on] fn …(&mut self, event: &{name})`"));
    }
}

fn check_keys_complete(projection: &Projection<'_>, errors: &mut Errors) {
    if projection.keys.is_empty() {
        return;
    }
    for (on, event) in projection.events() {
        if projection.key(event).is_none() {
            let name = text(event);
            errors.at(
                &on.method.signature.ident,
                format_args!("which document is `{name}` for? Write `#[key] fn …(event: &{name}) -> String`"),
            );
        }
    }
}
