//! The rules of projections.

use syn::{FnArg, ReceiverKind, Signature};

use super::model::{Marked, Projection};
use crate::support::types::{returned, text};
use crate::support::{Errors, names};

pub(crate) fn check(projection: &Projection<'_>, errors: &mut Errors) {
    let block = projection.block;
    if !block.generics.params.is_empty() {
        errors.at(&block.generics, "a projection cannot be generic: its documents are kept under one name");
    }
    for method in block.methods() {
        if let [_, second, ..] = method.marks.as_slice() {
            errors.at(second, "a method has one mark");
        }
        for mark in &method.marks {
            if ["command", "event", "prepare"].iter().any(|word| mark.path().is_ident(word)) {
                errors.at(mark, "this mark works inside an `#[aggregate] impl` block");
            }
        }
    }
    check_name(projection, errors);
    check_version(projection, errors);
    if projection.ons.is_empty() {
        errors.at(&block.self_ty, "a projection takes in events: write `#[on] fn …(&mut self, event: &…)`");
    }
    for on in &projection.ons {
        check_on(on, errors);
    }
    for key in &projection.keys {
        check_key(key, projection, errors);
    }
    check_once(&projection.ons, "taken in", errors);
    check_once(&projection.keys, "given a key", errors);
    check_keys_complete(projection, errors);
}

fn check_name(projection: &Projection<'_>, errors: &mut Errors) {
    let name = &projection.name;
    if names::is_word(name) && name.len() <= names::MAX_WORD {
        return;
    }
    let rule = "a projection name consists of lower-case letters, digits and `_`, and starts with a letter";
    let limit = names::MAX_WORD;
    match &projection.literal {
        Some(literal) => errors.at(literal, format_args!("`{name}` cannot be used: {rule}; at most {limit} bytes")),
        None => errors.at(
            &projection.block.self_ty,
            format_args!(
                "`{name}` cannot be used: {rule}; at most {limit} bytes. Say another with `#[projection(name = \"…\")]`"
            ),
        ),
    }
}

fn check_version(projection: &Projection<'_>, errors: &mut Errors) {
    let Some(literal) = &projection.version else { return };
    match literal.base10_parse::<u32>() {
        Ok(0) => errors.at(literal, "versions start at 1"),
        Ok(_) => {}
        Err(error) => errors.add(error),
    }
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
    if let Some(ty) = returned(signature) {
        errors.at(ty, "an `#[on]` method returns nothing: the event has happened, it cannot be refused");
    }
    check_plain(signature, "an `#[on]` method", errors);
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
        errors.at(&signature.ident, "a `#[key]` function returns `String`, or `Option<String>` to leave events out");
    }
    check_plain(signature, "a `#[key]` function", errors);
    if let Some(event) = key.event
        && !projection.events().any(|(_, taken)| taken == event)
    {
        let name = text(event);
        errors.at(event, format_args!("no `#[on]` method takes `{name}`: write `#[on] fn …(&mut self, event: &{name})`"));
    }
}

/// What no marked method may be.
fn check_plain(signature: &Signature, what: &str, errors: &mut Errors) {
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, format_args!("{what} does not wait: the same events give the same documents"));
    }
    if let Some(parameter) = signature.generics.params.first() {
        errors.at(parameter, format_args!("{what} cannot be generic: Annals calls it"));
    }
}

fn check_once(methods: &[Marked<'_>], what: &str, errors: &mut Errors) {
    for (at, method) in methods.iter().enumerate() {
        let Some(event) = method.event else { continue };
        if let Some(first) = methods[..at].iter().find(|first| first.event == Some(event)) {
            let first = &first.method.signature.ident;
            errors.at(event, format_args!("`{}` is already {what} by `{first}`", text(event)));
        }
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
