//! The rules of projections in SQL.

use syn::{FnArg, ReceiverKind, Signature};

use super::super::check::{check_others, check_plain};
use super::super::model::{Marked, Other, Projection, Setup};
use super::super::parse::other;
use crate::support::Errors;
use crate::support::types::{is_named, parameters, returned};

const RESULT: &str = "Result<(), annals::sqlite::Error>";

/// Why nothing waits here.
const OPEN: &str = "the store's transaction is open as long";

pub(crate) fn check(projection: &Projection<'_>, errors: &mut Errors) {
    let no_documents = "a projection in SQL has no documents: its `#[on]` methods say which rows an event is for";
    if let Some(per_stream) = &projection.per_stream {
        errors.at(per_stream, no_documents);
    }
    for key in &projection.keys {
        errors.at(key.mark, no_documents);
    }
    let self_ty = &projection.block.self_ty;
    if projection.ons.is_empty() {
        let method = format_args!("#[on] fn …(&self, event: &…, tx: &Transaction<'_>) -> {RESULT}");
        let absent = projection.block.but_absent(&["on"]);
        errors.at(self_ty, format_args!("a projection takes in events: write `{method}`{absent}"));
    }
    for on in &projection.ons {
        check_on(on, errors);
    }
    match projection.setups.as_slice() {
        [] => {
            let function = format_args!("#[setup] fn tables(tx: &Transaction<'_>) -> {RESULT}");
            let absent = projection.block.but_absent(&["setup"]);
            errors.at(self_ty, format_args!("which tables does it keep? Write `{function}`{absent}"));
        }
        [first, others @ ..] => {
            check_setup(first, errors);
            for setup in others {
                let first = &first.method.signature.ident;
                errors.at(setup.mark, format_args!("the tables are already set up by `{first}`"));
            }
        }
    }
}

fn check_on(on: &Marked<'_>, errors: &mut Errors) {
    let signature = &on.method.signature;
    let what = "what a projection in SQL knows is in its tables: take `&self`";
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) if is_shared(&receiver.kind) => {}
        Some(FnArg::Receiver(receiver)) => errors.at(receiver, what),
        _ => errors.at(&signature.ident, what),
    }
    let rule =
        "besides the event, an `#[on]` method in SQL takes `tx: &Transaction<'_>` and may take `context: &EventContext<'_>`";
    check_others(on, &[Other::Transaction, Other::Context], rule, errors);
    let is_taken = |wanted| on.others.iter().any(|(other, _)| *other == wanted);
    if !is_taken(Other::Transaction) && !is_taken(Other::Unknown) {
        errors.at(&signature.ident, "an `#[on]` method in SQL writes through the transaction: take `tx: &Transaction<'_>`");
    }
    check_fallible(signature, "an `#[on]` method in SQL", errors);
    check_plain(signature, "an `#[on]` method", OPEN, errors);
}

fn check_setup(setup: &Setup<'_>, errors: &mut Errors) {
    let signature = &setup.method.signature;
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first()
        && !is_shared(&receiver.kind)
    {
        errors.at(receiver, "a `#[setup]` function only makes tables: take `&self`, or no `self`");
    }
    let parameters = parameters(signature);
    let wanted = "a `#[setup]` function makes its tables through the transaction: take `tx: &Transaction<'_>`, and nothing else";
    match parameters.iter().find(|ty| other(ty) != Other::Transaction).or(parameters.get(1)) {
        Some(ty) => errors.at(ty, wanted),
        None if parameters.is_empty() => errors.at(&signature.ident, wanted),
        None => {}
    }
    check_fallible(signature, "a `#[setup]` function", errors);
    check_plain(signature, "a `#[setup]` function", OPEN, errors);
}

fn check_fallible(signature: &Signature, what: &str, errors: &mut Errors) {
    match returned(signature) {
        None => errors.at(&signature.ident, format_args!("{what} can fail: return `{RESULT}`")),
        Some(ty) if is_named(ty, "Document") => {
            errors.at(ty, format_args!("there are no documents in SQL, and rows are deleted by a statement: return `{RESULT}`"));
        }
        Some(_) => {}
    }
}

fn is_shared(receiver: &ReceiverKind) -> bool {
    matches!(receiver, ReceiverKind::Reference(_, _, None))
}
