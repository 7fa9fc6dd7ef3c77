//! The rules of aggregate behaviour.

use syn::{FnArg, ReceiverKind, Signature, Type};

use super::model::{Behaviour, Decide, Evolve, Part, Prepare};
use crate::support::types::{is_named, returned, text};
use crate::support::{Errors, marks};

pub(crate) fn check(behaviour: &Behaviour<'_>, errors: &mut Errors) {
    let block = behaviour.block;
    marks::check(block, &marks::AGGREGATE, errors);
    check_parts(behaviour, errors);
    for decide in &behaviour.commands {
        check_decide(decide, behaviour, errors);
    }
    check_once(behaviour, errors);
    for prepare in &behaviour.prepares {
        check_prepare(prepare, behaviour, errors);
    }
}

fn check_parts(behaviour: &Behaviour<'_>, errors: &mut Errors) {
    if let Some(part) = behaviour.part.as_ref().or(behaviour.parts.first().map(|part| &part.name))
        && behaviour.is_generic()
    {
        errors.at(part, "an aggregate with parameters stands in one block: the parts of others are put together before the parameters are known");
        return;
    }
    for (at, part) in behaviour.parts.iter().enumerate() {
        for other in part.conditions.iter().filter(|attribute| !attribute.path().is_ident("cfg")) {
            errors.at(other, "only `#[cfg(…)]` stands before a part");
        }
        let is_same = |other: &Part| other.name == part.name && other.conditions == part.conditions;
        if behaviour.parts[..at].iter().any(is_same) {
            errors.at(&part.name, format_args!("the part `{}` is listed already", part.name));
        }
    }
    let Some(part) = &behaviour.part else { return check_evolves(behaviour, errors) };
    if let Some(first) = behaviour.parts.first() {
        errors.at(&first.name, format_args!("`{part}` is a part itself: all are listed by the block with the `#[event]` method"));
    }
    for evolve in &behaviour.evolves {
        errors.at(evolve.mark, "a part has commands alone: the events are taken in by the block that lists the parts");
    }
}

fn check_evolves(behaviour: &Behaviour<'_>, errors: &mut Errors) {
    let Some((first, others)) = behaviour.evolves.split_first() else {
        let name = text(&behaviour.block.self_ty);
        errors.at(
            &behaviour.block.self_ty,
            format_args!(
                "`{name}` does not say how its events change it: write `#[event] fn evolve(&mut self, event: &…)`; if another block does, this is a part of it: `#[aggregate(part = …)]`{}",
                behaviour.block.but_absent(&["event"])
            ),
        );
        return;
    };
    check_evolve(first, errors);
    for other in others {
        errors.at(
            other.mark,
            format_args!("`{}` takes in the events already: one `match` over all of them", first.method.signature.ident),
        );
    }
}

fn check_evolve(evolve: &Evolve<'_>, errors: &mut Errors) {
    let signature = &evolve.method.signature;
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_))) {
                errors.at(receiver, "an `#[event]` method changes the state: take `&mut self`");
            }
        }
        _ => errors.at(&signature.ident, "an `#[event]` method changes the state: take `&mut self`"),
    }
    if let Some(ty) = returned(signature) {
        errors.at(ty, "an `#[event]` method returns nothing: the event has happened, it cannot be refused");
    }
    check_plain(signature, "an `#[event]` method", errors);
}

fn check_decide(decide: &Decide<'_>, behaviour: &Behaviour<'_>, errors: &mut Errors) {
    let signature = &decide.method.signature;
    match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => match &receiver.kind {
            ReceiverKind::Reference(_, _, None) => {}
            ReceiverKind::Reference(_, _, Some(_)) => {
                errors.at(receiver, "a command decides, it does not change state: take `&self` and return the events");
            }
            _ => errors.at(receiver, "a command decides on the state, it does not consume it: take `&self`"),
        },
        _ => errors.at(&signature.ident, "a command decides on the state: take `&self`"),
    }
    check_plain(signature, "a command method", errors);
    let events = behaviour.evolves.iter().find_map(|evolve| evolve.event);
    match returned(signature) {
        None => errors.at(
            &signature.ident,
            "a command method returns what happens: write `-> Result<events, error>`; the error is the domain's \"no\" (`std::convert::Infallible` if there is none)",
        ),
        Some(ty) if is_no_result(ty, events) => errors.at(
            ty,
            format_args!(
                "a command method cannot return `{}`: return `Result<events, error>`; the error is the domain's \"no\" (`std::convert::Infallible` if there is none)",
                text(ty)
            ),
        ),
        Some(_) => {}
    }
}

/// Whether the type is certainly no `Result`, under whatever alias. The rest is left to the compiler.
fn is_no_result(ty: &Type, event: Option<&Type>) -> bool {
    let plain = ["Self", "Option", "Vec", "Multi"].iter().any(|name| is_named(ty, name));
    plain
        || Some(ty) == event
        || matches!(ty, Type::Tuple(_) | Type::Array(_) | Type::Never(_) | Type::Reference(_) | Type::ImplTrait(_))
}

/// What no marked method may be.
fn check_plain(signature: &Signature, what: &str, errors: &mut Errors) {
    if let Some(asyncness) = &signature.asyncness {
        errors.at(
            asyncness,
            format_args!("{what} does not wait: it may run again; what comes from outside is fetched by `#[prepare]`"),
        );
    }
    if let Some(parameter) = signature.generics.params.first() {
        errors.at(parameter, format_args!("{what} cannot be generic: Annals calls it"));
    }
}

fn check_once(behaviour: &Behaviour<'_>, errors: &mut Errors) {
    for (at, decide) in behaviour.commands.iter().enumerate() {
        let Some(command) = &decide.command else { continue };
        if let Some(first) = behaviour.commands[..at].iter().find(|first| first.command.as_ref() == Some(command)) {
            let message = format!("`{}` is already decided by `{}`", text(command), first.name());
            match &decide.declared {
                Some(declared) => errors.at(&declared.name, message),
                None => errors.at(command, message),
            }
        }
    }
    for (at, prepare) in behaviour.prepares.iter().enumerate() {
        let Some(command) = prepare.command else { continue };
        if let Some(first) = behaviour.prepares[..at].iter().find(|first| first.command == Some(command)) {
            let first = &first.method.signature.ident;
            errors.at(command, format_args!("`{}` is already prepared by `{first}`", text(command)));
        }
    }
}

fn check_prepare(prepare: &Prepare<'_>, behaviour: &Behaviour<'_>, errors: &mut Errors) {
    let signature = &prepare.method.signature;
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        errors.at(receiver, "a `#[prepare]` function runs before the state is known: it takes no `self`");
    }
    if signature.asyncness.is_none() {
        errors.at(signature.fn_token, "a `#[prepare]` function asks the outside world: write `async fn`");
    }
    if let Some(parameter) = signature.generics.params.first() {
        errors.at(parameter, "a `#[prepare]` function cannot be generic: Annals calls it");
    }
    if returned(signature).is_none() {
        errors.at(&signature.ident, "a `#[prepare]` function returns the facts: write `-> Result<facts, error>`");
    }
    let Some(command) = prepare.command else { return };
    let is_absent = behaviour.block.absent(&["command"]).next().is_some();
    if !is_absent && !behaviour.commands.iter().any(|decide| decide.command.as_ref() == Some(command)) {
        let name = text(command);
        errors.at(
            command,
            format_args!("no command method takes `{name}`: write `#[command] fn …(&self, command: {name}, facts: &…)`"),
        );
    }
}
