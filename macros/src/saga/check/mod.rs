//! The rules of sagas.

mod events;
mod methods;
mod steps;

use super::model::Saga;
use crate::support::{Errors, marks, names};

/// The longest name of a saga, in bytes: it is a part of a category, after `$saga.`.
const MAX_NAME: usize = 58;

pub(crate) fn check(saga: &Saga<'_>, errors: &mut Errors) {
    if !saga.block.generics.params.is_empty() {
        errors.at(&saga.block.generics, "a saga cannot be generic: its instances are kept under one name");
    }
    marks::check(saga.block, &marks::SAGA, errors);
    check_name(saga, errors);
    check_version(saga, errors);
    check_kind(saga, errors);
    methods::check(saga, errors);
    steps::check(saga, errors);
    events::check(saga, errors);
}

fn check_name(saga: &Saga<'_>, errors: &mut Errors) {
    let name = &saga.name;
    if names::is_word(name) && name.len() <= MAX_NAME {
        return;
    }
    let rule = format!(
        "`{name}` cannot be used: a saga name consists of lower-case letters, digits and `_`, and starts with a letter; at most {MAX_NAME} bytes"
    );
    match &saga.literal {
        Some(literal) => errors.at(literal, rule),
        None => errors.at(&saga.block.self_ty, format_args!("{rule}. Say another with `#[saga(name = \"…\")]`")),
    }
}

fn check_version(saga: &Saga<'_>, errors: &mut Errors) {
    let Some(literal) = &saga.version else { return };
    match literal.base10_parse::<u32>() {
        Ok(0) => errors.at(literal, "versions start at 1"),
        Ok(_) => {}
        Err(error) => errors.add(error),
    }
}

/// It has steps or reactions, and something begins it.
fn check_kind(saga: &Saga<'_>, errors: &mut Errors) {
    let self_ty = &saga.block.self_ty;
    let reaction = saga.ons.first().map(|on| on.mark).or(saga.rejections.first().map(|rejected| rejected.mark));
    match (saga.steps.is_empty(), reaction) {
        (false, Some(reaction)) => errors.at(
            reaction,
            "a saga has steps or reactions, not both: what waits for an event is a step too, `#[wait] fn …(event: &…) -> Option<Result<…, …>>`",
        ),
        (true, None) => errors.at(
            self_ty,
            format_args!(
                "a saga has steps, `#[step] fn …(&self) -> …`, or reactions, `#[on] fn …(&mut self, event: &…) -> …`{}",
                saga.block.but_absent(&["step", "wait", "on", "rejected"])
            ),
        ),
        _ => {}
    }
    match (&saga.manual, saga.starts.is_empty()) {
        (None, true) => errors.at(
            self_ty,
            format_args!(
                "what begins an instance? Write `#[start] fn …(event: &…) -> Option<Self>`, or `#[saga(manual)]` if the application begins it{}",
                saga.block.but_absent(&["start"])
            ),
        ),
        (Some(manual), false) => {
            errors.at(manual, "`#[start]` says already what begins an instance; the application may always do so, too");
        }
        _ => {}
    }
    if saga.is_reacting()
        && let Some(deadline) = &saga.deadline
    {
        errors.at(
            &deadline.literal,
            "a saga of reactions is not undone, so it has no deadline: return `Reaction::new().send_after(…)` for what is due then",
        );
    }
}
