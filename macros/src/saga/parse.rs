//! From syntax to model.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Type, parenthesized, token};

use super::model::{Act, Argument, OfStep, Rejected, Retry, Saga, Step, Undo};
use super::on_event::OnEvent;
use crate::support::attr::{self, value};
use crate::support::block::{Block, Method};
use crate::support::types::{is_named, parameters, shared_reference, type_name};
use crate::support::{Errors, Keys, Krate, names};

const BLOCK: Keys = Keys { attribute: "`#[saga]`", accepted: &["name", "version", "deadline", "manual", "crate"], repeated: &[] };
const STEP: Keys =
    Keys { attribute: "`#[step]`", accepted: &["name", "pivot", "nothing_to_undo", "timeout", "retry"], repeated: &[] };
const WAIT: Keys = Keys { attribute: "`#[wait]`", accepted: &["name", "pivot", "timeout", "or_after"], repeated: &[] };
const RETRY: Keys = Keys { attribute: "`retry`", accepted: &["attempts", "initial", "longest", "alert_after"], repeated: &[] };
const START: Keys = Keys { attribute: "`#[start]`", accepted: &[], repeated: &[] };
const ON: Keys = Keys { attribute: "`#[on]`", accepted: &[], repeated: &[] };
const KEY: Keys = Keys { attribute: "`#[key]`", accepted: &[], repeated: &[] };
const REJECTED: Keys = Keys { attribute: "`#[rejected]`", accepted: &[], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, block: &'a Block, errors: &mut Errors) -> Saga<'a> {
    let mut saga = Saga {
        block,
        krate: Krate::default(),
        literal: None,
        name: String::new(),
        version: None,
        deadline: None,
        manual: None,
        starts: Vec::new(),
        keys: Vec::new(),
        steps: Vec::new(),
        undos: Vec::new(),
        outcomes: Vec::new(),
        failures: Vec::new(),
        refusals: Vec::new(),
        ons: Vec::new(),
        rejections: Vec::new(),
    };
    BLOCK.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "name" => saga.literal = Some(value(key, input)?),
            "version" => saga.version = Some(value(key, input)?),
            "deadline" => saga.deadline = Some(value(key, input)?),
            "manual" => saga.manual = Some(key.clone()),
            _ => saga.krate = Krate(Some(value(key, input)?)),
        }
        Ok(())
    });
    saga.name = saga.literal.as_ref().map_or_else(|| names::snake(&type_name(&block.self_ty)), LitStr::value);
    let is_step = |mark: &Attribute| attr::is(mark, "step") || attr::is(mark, "wait");
    let has_steps = block.methods().filter_map(|method| method.marks.first()).any(is_step);
    for method in block.methods() {
        let Some(mark) = method.marks.first() else { continue };
        let is = |word| attr::is(mark, word);
        let mut on_event = |keys: &Keys| {
            keys.read_attribute(mark, errors, |_, _| Ok(()));
            OnEvent::read(method, mark, errors)
        };
        match () {
            () if is("start") => saga.starts.push(on_event(&START)),
            () if is("key") => saga.keys.push(on_event(&KEY)),
            () if is("on") => saga.ons.push(on_event(&ON)),
            () if is("step") => saga.steps.push(read_step(method, mark, errors)),
            () if is("wait") => saga.steps.push(read_wait(method, mark, errors)),
            () if is("undo") => saga.undos.push(read_undo(method, mark, errors)),
            () if is("outcome") => saga.outcomes.extend(read_of_step(method, mark, "outcome", errors)),
            () if is("failure") => saga.failures.extend(read_failure(method, mark, errors)),
            () if is("rejected") && has_steps => saga.refusals.extend(read_of_step(method, mark, "rejected", errors)),
            () if is("rejected") => saga.rejections.push(read_rejected(method, mark, errors)),
            () => {}
        }
    }
    add_beginning(&mut saga);
    drop_what_belongs_to_absent_steps(&mut saga);
    saga
}

/// What undoes a step or takes in its outcome exists as long as the step does.
fn drop_what_belongs_to_absent_steps(saga: &mut Saga<'_>) {
    let absent: Vec<_> = saga.block.absent(&["start", "step", "wait"]).filter(|name| saga.position(name).is_none()).collect();
    let is_there =
        |of: &OfStep<'_>| of.step.as_ref().is_none_or(|name| absent.iter().all(|absent| absent.unraw() != name.unraw()));
    saga.undos.retain(|undo| is_there(&undo.of));
    saga.outcomes.retain(is_there);
    saga.failures.retain(is_there);
}

/// What undoes a `#[start]` undoes a first step, which does nothing.
fn add_beginning(saga: &mut Saga<'_>) {
    let names = |name: &Ident, method: &Method| name.unraw() == method.signature.ident.unraw();
    let is_undone = |method: &Method| saga.undos.iter().filter_map(|undo| undo.of.step.as_ref()).any(|name| names(name, method));
    let Some(start) = saga.starts.iter().find(|start| is_undone(start.method)) else { return };
    if !saga.steps.is_empty() {
        saga.steps.insert(0, step_named(start.method, Act::Nothing));
    }
}

fn step_named<'a>(method: &'a Method, act: Act<'a>) -> Step<'a> {
    let name = method.signature.ident.unraw().to_string();
    Step { method, act, literal: None, name, pivot: None, nothing_to_undo: None, timeout: None, or_after: None, retry: None }
}

fn read_step<'a>(method: &'a Method, mark: &Attribute, errors: &mut Errors) -> Step<'a> {
    let mut step = step_named(method, read_act(method, "step", errors));
    let mut retry = None;
    STEP.read_attribute(mark, errors, |key, input| {
        match key.to_string().as_str() {
            "name" => step.literal = Some(value(key, input)?),
            "pivot" => step.pivot = Some(key.clone()),
            "nothing_to_undo" => step.nothing_to_undo = Some(key.clone()),
            "timeout" => step.timeout = Some(value(key, input)?),
            _ => retry = Some(in_parentheses(key, input)?),
        }
        Ok(())
    });
    step.retry = retry.map(|retry| read_retry(retry, errors));
    with_stored_name(step)
}

fn read_wait<'a>(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Step<'a> {
    let mut step = step_named(method, Act::Wait(OnEvent::read(method, mark, errors)));
    WAIT.read_attribute(mark, errors, |key, input| {
        match key.to_string().as_str() {
            "name" => step.literal = Some(value(key, input)?),
            "pivot" => step.pivot = Some(key.clone()),
            "timeout" => step.timeout = Some(value(key, input)?),
            _ => step.or_after = Some(value(key, input)?),
        }
        Ok(())
    });
    with_stored_name(step)
}

fn with_stored_name(mut step: Step<'_>) -> Step<'_> {
    if let Some(literal) = &step.literal {
        step.name = literal.value();
    }
    step
}

/// `(…)` after a key.
fn in_parentheses(key: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(key.span(), format_args!("write `{key}(attempts = 5)`; {}", RETRY.help())));
    }
    let content;
    parenthesized!(content in input);
    content.parse()
}

fn read_retry(arguments: TokenStream, errors: &mut Errors) -> Retry {
    let mut retry = Retry::default();
    RETRY.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "attempts" => retry.attempts = Some(value(key, input)?),
            "initial" => retry.initial = Some(value(key, input)?),
            "longest" => retry.longest = Some(value(key, input)?),
            _ => retry.alert_after = Some(value(key, input)?),
        }
        Ok(())
    });
    retry
}

/// A `fn` sends commands, an `async fn` calls the outside world.
fn read_act<'a>(method: &'a Method, mark: &str, errors: &mut Errors) -> Act<'a> {
    let parameters = parameters(&method.signature);
    if method.signature.asyncness.is_some() {
        return Act::Activity(parameters.into_iter().filter_map(|ty| read_argument(ty, errors)).collect());
    }
    if let Some(first) = parameters.first() {
        errors.at(
            first,
            format_args!("`#[{mark}] fn` sends commands and takes `&self` alone: what calls the outside world is an `async fn`"),
        );
    }
    Act::Commands
}

fn read_argument<'a>(ty: &'a Type, errors: &mut Errors) -> Option<Argument<'a>> {
    let inner = shared_reference(ty);
    let named = |name| is_named(inner.unwrap_or(ty), name);
    match inner {
        None if named("IdempotencyKey") => return Some(Argument::Key),
        Some(_) if named("Call") => return Some(Argument::Call),
        Some(_) if named("IdempotencyKey") => errors.at(ty, "the key is a value: take `IdempotencyKey`"),
        None if named("Call") => errors.at(ty, "the call is borrowed: take `&Call<Self>`"),
        _ if named("Context") || named("EventContext") => errors.at(
            ty,
            "a step has no such context: `&Call<Self>` knows key, attempt and deadline, and `#[start]` may keep what else is needed",
        ),
        Some(Type::TraitObject(_)) => {
            errors.at(ty, "a service is found by its type: take `&Arc<dyn …>`, and add an `Arc<dyn …>` to the application");
        }
        Some(service) => return Some(Argument::Service(service)),
        None => errors.at(ty, "a service is borrowed: take it by reference"),
    }
    None
}

fn read_undo<'a>(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Undo<'a> {
    let of = read_of_step(method, mark, "undo", errors).unwrap_or(OfStep { method, mark, step: None });
    Undo { of, act: read_act(method, "undo", errors) }
}

/// `#[failure]`, or `#[failure(step)]`.
fn read_failure<'a>(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Option<OfStep<'a>> {
    match &mark.meta {
        Meta::Path(_) => Some(OfStep { method, mark, step: None }),
        _ => read_of_step(method, mark, "failure", errors),
    }
}

/// The name in `#[undo(reserve)]`.
fn read_of_step<'a>(method: &'a Method, mark: &'a Attribute, word: &str, errors: &mut Errors) -> Option<OfStep<'a>> {
    let tokens = match &mark.meta {
        Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
        _ => {
            errors.at(mark, format_args!("of which step? Write `#[{word}(…)]` with the name of its method"));
            return None;
        }
    };
    let only_a_name = |input: ParseStream<'_>| {
        let name = input.call(Ident::parse_any)?;
        if input.is_empty() { Ok(name) } else { Err(input.error("more than a name")) }
    };
    match only_a_name.parse2(tokens.clone()) {
        Ok(name) => Some(OfStep { method, mark, step: Some(name) }),
        Err(_) => {
            errors.at(tokens, format_args!("the step is named by its method, and nothing else: `#[{word}(reserve)]`"));
            None
        }
    }
}

fn read_rejected<'a>(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Rejected<'a> {
    REJECTED.read_attribute(mark, errors, |_, _| Ok(()));
    let parameters = parameters(&method.signature);
    let mut borrowed = |at: usize, what: &str| match parameters.get(at) {
        Some(ty) => {
            let inner = shared_reference(ty);
            if inner.is_none() {
                errors.at(ty, format_args!("the {what} is borrowed: take it by reference"));
            }
            inner
        }
        None => None,
    };
    let (command, error) = (borrowed(0, "command"), borrowed(1, "error"));
    match parameters.as_slice() {
        [_, _] => {}
        [_, _, third, ..] => errors.at(third, "a `#[rejected]` method takes the command and its error, and nothing else"),
        _ => errors.at(
            &method.signature.ident,
            "a `#[rejected]` method takes the command that was refused and its error: `&mut self, command: &…, error: &…`",
        ),
    }
    Rejected { method, mark, command, error }
}
