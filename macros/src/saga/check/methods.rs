//! What each marked method takes and returns, as far as it is plain to see. The rest is left to the compiler.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Signature};

use crate::saga::model::{Act, OfStep, Rejected, Saga, Step};
use crate::saga::on_event::OnEvent;
use crate::support::Errors;
use crate::support::block::Method;
use crate::support::types::{SelfParameter, is_named, parameters, returned, self_parameter, shared_reference};

pub(super) fn check(saga: &Saga<'_>, errors: &mut Errors) {
    for start in &saga.starts {
        check_start(start, errors);
    }
    for key in &saga.keys {
        check_key(key, errors);
    }
    for step in &saga.steps {
        check_step(step, errors);
    }
    for undo in &saga.undos {
        check_act(undo.of.method, &undo.act, "an `#[undo]` method", errors);
    }
    for outcome in &saga.outcomes {
        check_outcome(outcome, errors);
    }
    for failure in &saga.failures {
        check_failure(failure, "a `#[failure]` method", errors);
    }
    for refusal in &saga.refusals {
        check_failure(refusal, "a `#[rejected]` method of a step", errors);
    }
    for on in &saga.ons {
        check_changing(&on.method.signature, "an `#[on]` method", errors);
        check_reaction(&on.method.signature, "an `#[on]` method", errors);
    }
    for rejected in &saga.rejections {
        check_rejected(rejected, errors);
    }
}

fn check_start(start: &OnEvent<'_>, errors: &mut Errors) {
    let signature = &start.method.signature;
    check_function(signature, "a `#[start]` function makes the first state of an instance: it takes no `self`", errors);
    check_plain(
        signature,
        "a `#[start]` function",
        "the same event gives the same state, and what comes from outside is fetched by a step",
        errors,
    );
    if returned(signature).is_none() {
        errors.at(
            &signature.ident,
            "a `#[start]` function returns the first state: write `-> Option<Self>`, with `None` to leave events out",
        );
    }
}

fn check_key(key: &OnEvent<'_>, errors: &mut Errors) {
    let signature = &key.method.signature;
    check_function(signature, "a `#[key]` function says which instance the event is for: it takes no `self`", errors);
    check_plain(signature, "a `#[key]` function", "the same event gives the same key", errors);
    if returned(signature).is_none() {
        errors.at(&signature.ident, "a `#[key]` function returns `String`, or `Option<String>` to leave events out");
    }
}

fn check_step(step: &Step<'_>, errors: &mut Errors) {
    let signature = &step.method.signature;
    match &step.act {
        // Checked as what it is: a `#[start]` function.
        Act::Nothing => return,
        Act::Wait(_) => {}
        act => return check_act(step.method, act, "a `#[step]` method", errors),
    }
    check_function(signature, "a `#[wait]` function only says whether an event is awaited: it takes no `self`", errors);
    check_plain(signature, "a `#[wait]` function", "Annals does, and asks it about each event", errors);
    if returned(signature).is_none() {
        errors.at(
            &signature.ident,
            "a `#[wait]` function returns what came of it: write `-> Option<Result<outcome, refusal>>`, with `None` for events that are not awaited",
        );
    }
}

/// A step, or what undoes it.
fn check_act(method: &Method, act: &Act<'_>, what: &str, errors: &mut Errors) {
    let signature = &method.signature;
    let is_activity = matches!(act, Act::Activity(_));
    match self_parameter(signature) {
        SelfParameter::Shared => {}
        SelfParameter::None => errors.at(&signature.ident, format_args!("{what} looks at the state: take `&self`")),
        SelfParameter::Mutable(receiver) if is_activity && what.contains("step") => errors.at(
            receiver,
            format_args!(
                "{what} may run again, so it does not change the state: take `&self`, and take in what it returns with `#[outcome({})]`",
                signature.ident
            ),
        ),
        SelfParameter::Mutable(receiver) | SelfParameter::Other(receiver) => {
            errors.at(receiver, format_args!("{what} may run again, so it only looks at the state: take `&self`"));
        }
    }
    check_nameable(signature, what, errors);
    match returned(signature) {
        None if is_activity => errors.at(
            &signature.ident,
            format_args!(
                "{what} that calls the outside world returns what came of it: write `-> Result<outcome, StepError<error>>`"
            ),
        ),
        None => errors.at(
            &signature.ident,
            format_args!("{what} returns the commands it sends: write `-> …`; what calls the outside world is an `async fn`"),
        ),
        Some(ty) if !is_activity && is_named(ty, "Result") => errors
            .at(signature.fn_token, format_args!("{what} that returns a `Result` calls the outside world: write `async fn`")),
        Some(_) => {}
    }
}

fn check_outcome(outcome: &OfStep<'_>, errors: &mut Errors) {
    let signature = &outcome.method.signature;
    check_changing(signature, "an `#[outcome]` method", errors);
    check_nothing_returned(signature, "an `#[outcome]` method returns nothing: it takes the outcome into the state", errors);
    let parameters = parameters(signature);
    match parameters.as_slice() {
        [_] => {}
        [] => errors.at(&signature.ident, "an `#[outcome]` method takes what the step returned: `&mut self, outcome: …`"),
        [_, second, ..] => errors.at(second, "an `#[outcome]` method takes what the step returned, and nothing else"),
    }
}

fn check_failure(failure: &OfStep<'_>, what: &str, errors: &mut Errors) {
    let signature = &failure.method.signature;
    check_changing(signature, what, errors);
    check_nothing_returned(signature, &format!("{what} returns nothing: it takes the failure into the state"), errors);
    let parameters = parameters(signature);
    let (first, rest) = parameters.split_first().map_or((None, &[][..]), |(first, rest)| (Some(*first), rest));
    match first {
        None => errors.at(&signature.ident, format_args!("{what} takes what failed: `&mut self, failure: &Failure`")),
        Some(ty) if shared_reference(ty).is_none() => errors.at(ty, "the failure is borrowed: take `&Failure`"),
        Some(_) => {}
    }
    if let Some(second) = rest.first() {
        errors.at(second, format_args!("{what} takes the failure, and nothing else"));
    }
}

fn check_rejected(rejected: &Rejected<'_>, errors: &mut Errors) {
    let signature = &rejected.method.signature;
    check_changing(signature, "a `#[rejected]` method", errors);
    check_reaction(signature, "a `#[rejected]` method", errors);
}

/// What changes the state, and nothing else.
fn check_changing(signature: &Signature, what: &str, errors: &mut Errors) {
    match self_parameter(signature) {
        SelfParameter::Mutable(_) => {}
        SelfParameter::None => errors.at(&signature.ident, format_args!("{what} changes the state: take `&mut self`")),
        _ => errors.at(signature.receiver(), format_args!("{what} changes the state: take `&mut self`")),
    }
    check_plain(signature, what, "what comes from outside is fetched by a step", errors);
}

fn check_nothing_returned(signature: &Signature, message: &str, errors: &mut Errors) {
    if let Some(ty) = returned(signature) {
        errors.at(ty, message);
    }
}

fn check_reaction(signature: &Signature, what: &str, errors: &mut Errors) {
    if let Some(ty) = returned(signature)
        && is_named(ty, "Result")
    {
        errors.at(
            ty,
            format_args!("{what} cannot fail: what it was given has happened; return the commands to send, or a `Reaction`"),
        );
    }
}

fn check_function(signature: &Signature, message: &str, errors: &mut Errors) {
    if let Some(receiver) = signature.receiver() {
        errors.at(receiver, message);
    }
}

/// What no method may be but one that calls the outside world.
fn check_plain(signature: &Signature, what: &str, because: &str, errors: &mut Errors) {
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, format_args!("{what} does not wait itself: {because}"));
    }
    check_nameable(signature, what, errors);
}

/// Annals calls the method and names what it returns.
fn check_nameable(signature: &Signature, what: &str, errors: &mut Errors) {
    let is_lifetime = |parameter: &&GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    if let Some(parameter) = signature.generics.params.iter().find(|parameter| !is_lifetime(parameter)) {
        errors.at(parameter, format_args!("{what} cannot be generic: Annals calls it"));
    }
    if let Some(ty) = returned(signature).filter(|ty| is_hidden(ty.to_token_stream())) {
        errors.at(ty, format_args!("{what} returns a type that has a name: write it instead of `impl …`"));
    }
}

/// Whether there is an `impl Trait` in the type.
fn is_hidden(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => is_hidden(group.stream()),
        _ => false,
    })
}
