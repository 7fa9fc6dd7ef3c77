//! How the steps and what belongs to them fit together.

use syn::Ident;
use syn::ext::IdentExt;

use crate::saga::model::{Act, OfStep, Retry, Saga, Step};
use crate::support::nearest::nearest;
use crate::support::{Errors, names};

pub(super) fn check(saga: &Saga<'_>, errors: &mut Errors) {
    check_names(saga, errors);
    check_pivots(saga, errors);
    for (at, step) in saga.steps.iter().enumerate() {
        check_undone(saga, at, step, errors);
        check_time(saga, at, step, errors);
    }
    for undo in &saga.undos {
        check_undo(saga, &undo.of, errors);
    }
    for outcome in &saga.outcomes {
        check_outcome(saga, outcome, errors);
    }
    for failure in &saga.failures {
        check_failure(saga, failure, errors);
    }
    for refusal in &saga.refusals {
        check_refusal(saga, refusal, errors);
    }
    let undos: Vec<_> = saga.undos.iter().map(|undo| &undo.of).collect();
    check_once(&undos, |step, first| format!("`{step}` is already undone by `{first}`"), errors);
    let outcomes: Vec<_> = saga.outcomes.iter().collect();
    check_once(&outcomes, |step, first| format!("the outcome of `{step}` is already taken in by `{first}`"), errors);
    let failures: Vec<_> = saga.failures.iter().filter(|failure| failure.step.is_some()).collect();
    check_once(&failures, |step, first| format!("the failure of `{step}` is already taken in by `{first}`"), errors);
    let refusals: Vec<_> = saga.refusals.iter().collect();
    check_once(&refusals, |step, first| format!("the refusal of `{step}` is already taken in by `{first}`"), errors);
}

fn check_names(saga: &Saga<'_>, errors: &mut Errors) {
    for (at, step) in saga.steps.iter().enumerate() {
        let name = &step.name;
        if !names::is_word(name) || name.len() > names::MAX_WORD {
            let limit = names::MAX_WORD;
            let rule = format!(
                "`{name}` cannot be used: the name of a step consists of lower-case letters, digits and `_`, and starts with a letter; at most {limit} bytes"
            );
            match &step.literal {
                Some(literal) => errors.at(literal, rule),
                None => errors.at(step.ident(), format_args!("{rule}. Say another with `#[step(name = \"…\")]`")),
            }
        }
        let other = saga.steps[..at].iter().find(|other| &other.name == name).filter(|other| other.ident() != step.ident());
        if let Some(other) = other {
            let span = step.literal.as_ref().map_or_else(|| step.ident().span(), syn::LitStr::span);
            let other = other.ident();
            errors.add(syn::Error::new(
                span,
                format_args!("the step `{other}` is called `{name}` already: give this one another name"),
            ));
        }
    }
}

fn check_pivots(saga: &Saga<'_>, errors: &mut Errors) {
    let mut pivots = saga.steps.iter().filter_map(|step| step.pivot.as_ref().map(|word| (step, word)));
    let Some((first, _)) = pivots.next() else { return };
    for (_, word) in pivots {
        errors.at(word, format_args!("`{}` is the pivot already: there is one point of no return", first.ident()));
    }
}

fn is_after_pivot(saga: &Saga<'_>, at: usize) -> bool {
    saga.steps[..at].iter().any(|step| step.pivot.is_some())
}

fn check_undone(saga: &Saga<'_>, at: usize, step: &Step<'_>, errors: &mut Errors) {
    let name = step.ident();
    let undo = saga.undos.iter().find(|undo| undo.of.is_of(step));
    if let (Some(word), Some(undo)) = (&step.nothing_to_undo, undo) {
        errors.at(word, format_args!("`{}` undoes the step: leave one of the two out", undo.of.method.signature.ident));
    } else if let (Some(word), Some(_)) = (&step.nothing_to_undo, &step.pivot) {
        errors.at(word, "the pivot is never undone: leave `nothing_to_undo` out");
    }
    if is_after_pivot(saga, at) {
        if let Some(word) = step.nothing_to_undo.as_ref().filter(|_| undo.is_none()) {
            errors.at(word, "after the pivot nothing is undone: leave `nothing_to_undo` out");
        }
        return;
    }
    let is_said = undo.is_some() || step.nothing_to_undo.is_some() || step.pivot.is_some();
    // An undo of a step that is not there is a mistake of its own, and may well have meant this one.
    let may_be_meant = saga.undos.iter().any(|undo| undo.of.step.as_ref().is_none_or(|name| saga.position(name).is_none()));
    if !is_said && !may_be_meant && !matches!(step.act, Act::Wait(_)) {
        errors.at(
            name,
            format_args!(
                "how is `{name}` undone? Write `#[undo({name})] fn …(&self) -> …`, or `#[step(nothing_to_undo)]`; `#[step(pivot)]` if it is the point of no return"
            ),
        );
    }
}

/// What is tried until it succeeds has no last attempt, and what is not undone cannot be given up.
fn check_time(saga: &Saga<'_>, at: usize, step: &Step<'_>, errors: &mut Errors) {
    let is_after = is_after_pivot(saga, at);
    let is_pivot = step.pivot.is_some();
    match (&step.act, &step.timeout, &step.or_after) {
        (Act::Wait(_), Some(_), Some(or_after)) => {
            errors.at(
                &or_after.literal,
                "`timeout` gives up and undoes the saga, `or_after` goes on without the event: say one of them",
            );
        }
        (Act::Wait(_), Some(timeout), None) if is_after => {
            errors.at(&timeout.literal, "after the pivot nothing is undone: to go on without the event, say `or_after = \"…\"`");
        }
        _ => {}
    }
    if let Some(Retry { initial: Some(initial), longest: Some(longest), .. }) = &step.retry
        && initial.duration > longest.duration
    {
        errors.at(&initial.literal, "`initial` is the first of the waits, which grow up to `longest`: this one is longer");
    }
    let attempts = step.retry.as_ref().and_then(|retry| retry.attempts.as_ref());
    let Some(attempts) = attempts else { return };
    match attempts.base10_parse::<u32>() {
        Ok(0) => errors.at(attempts, "there is at least one attempt"),
        Ok(_) if is_after => {
            errors.at(attempts, "after the pivot a step is tried until it succeeds: leave `attempts` out");
        }
        Ok(_) if is_pivot && matches!(step.act, Act::Activity(_)) => {
            errors.at(
                attempts,
                "a pivot that calls the outside world may have happened, so it is tried until it succeeds: leave `attempts` out",
            );
        }
        Ok(_) => {}
        Err(error) => errors.add(error),
    }
}

/// The step that a mark names, and where it is.
fn named<'s, 'a>(saga: &'s Saga<'a>, of: &OfStep<'_>, errors: &mut Errors) -> Option<(usize, &'s Step<'a>)> {
    let name = of.step.as_ref()?;
    let found = saga.position(name).and_then(|at| saga.steps.get(at).map(|step| (at, step)));
    if found.is_none() {
        errors.at(name, unknown(saga, name));
    }
    found
}

fn unknown(saga: &Saga<'_>, name: &Ident) -> String {
    let steps: Vec<_> = saga.steps.iter().map(|step| step.ident().unraw().to_string()).collect();
    let name = name.unraw();
    if let Some(meant) = nearest(&name.to_string(), steps.iter().map(String::as_str)) {
        return format!("there is no step `{name}`, did you mean `{meant}`?");
    }
    let steps: Vec<_> = steps.iter().map(|step| format!("`{step}`")).collect();
    match steps.as_slice() {
        [] => format!("there is no step `{name}`: write `#[step] fn {name}(&self) -> …`"),
        [one] => format!("there is no step `{name}`; the step is {one}"),
        _ => format!("there is no step `{name}`; the steps are {}", steps.join(", ")),
    }
}

fn check_undo(saga: &Saga<'_>, undo: &OfStep<'_>, errors: &mut Errors) {
    let (Some(name), Some((at, step))) = (&undo.step, named(saga, undo, errors)) else { return };
    if matches!(step.act, Act::Wait(_)) {
        errors.at(name, format_args!("`{name}` waits for an event: there is nothing to undo"));
    } else if step.pivot.is_some() {
        errors.at(
            name,
            format_args!(
                "`{name}` is the pivot, the point of no return: it is never undone; mark a later step `pivot`, or leave this out"
            ),
        );
    } else if is_after_pivot(saga, at) {
        let pivot = saga.steps[..at].iter().find(|step| step.pivot.is_some()).map(|step| step.ident().to_string());
        errors.at(
            name,
            format_args!(
                "`{name}` comes after the pivot `{}`: from there on the saga only goes forward; write it before, or leave this out",
                pivot.unwrap_or_default()
            ),
        );
    }
}

fn check_outcome(saga: &Saga<'_>, outcome: &OfStep<'_>, errors: &mut Errors) {
    let (Some(name), Some((_, step))) = (&outcome.step, named(saga, outcome, errors)) else { return };
    if matches!(step.act, Act::Nothing) {
        errors.at(name, format_args!("`{name}` begins an instance with all that it knows: there is no other outcome"));
    }
    if matches!(step.act, Act::Commands) {
        errors.at(
            name,
            format_args!("`{name}` sends commands, which return nothing: an outcome has an `async fn`, or a `#[wait]`"),
        );
    }
}

fn check_failure(saga: &Saga<'_>, failure: &OfStep<'_>, errors: &mut Errors) {
    if saga.is_reacting() {
        errors.at(failure.mark, "a saga of reactions is not undone: what it does about a refusal is a `#[rejected]` method");
        return;
    }
    match &failure.step {
        None => {
            let general: Vec<_> = saga.failures.iter().filter(|other| other.step.is_none()).collect();
            if let [first, rest @ ..] = general.as_slice()
                && rest.iter().any(|other| std::ptr::eq(*other, failure))
            {
                errors.at(
                    failure.mark,
                    format_args!(
                        "`{}` takes in every failure already; that of one step is `#[failure(…)]`",
                        first.method.signature.ident
                    ),
                );
            }
        }
        Some(name) => {
            if let Some((at, _)) = named(saga, failure, errors)
                && is_after_pivot(saga, at)
            {
                errors.at(name, format_args!("`{name}` comes after the pivot: it is tried until it succeeds, and never fails"));
            }
        }
    }
}

fn check_refusal(saga: &Saga<'_>, refusal: &OfStep<'_>, errors: &mut Errors) {
    let (Some(name), Some((_, step))) = (&refusal.step, named(saga, refusal, errors)) else { return };
    if matches!(step.act, Act::Nothing) {
        errors.at(name, format_args!("`{name}` begins an instance: it has happened, and never says no"));
    } else if step.pivot.is_some() {
        errors.at(
            name,
            format_args!("`{name}` is the pivot, and the saga cannot go on without it: if it says no, the saga is undone"),
        );
    }
}

fn check_once(list: &[&OfStep<'_>], message: impl Fn(&Ident, &Ident) -> String, errors: &mut Errors) {
    for (at, of) in list.iter().enumerate() {
        let Some(name) = &of.step else { continue };
        let first = list[..at].iter().find(|first| first.step.as_ref().is_some_and(|first| first.unraw() == name.unraw()));
        if let Some(first) = first {
            errors.add(syn::Error::new(name.span(), message(name, &first.method.signature.ident)));
        }
    }
}
