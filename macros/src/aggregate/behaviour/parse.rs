//! From syntax to model.

use proc_macro2::TokenStream;
use syn::{Attribute, Type};

use super::model::{Argument, Behaviour, Decide, Evolve, Prepare};
use crate::support::attr::value;
use crate::support::block::{Block, Method};
use crate::support::types::{is_named, parameters, shared_reference};
use crate::support::{Errors, Keys, Krate};

const BLOCK: Keys = Keys { attribute: "`#[aggregate]` on an `impl`", accepted: &["crate"], repeated: &[] };
const COMMAND: Keys = Keys { attribute: "`#[command]`", accepted: &["foreign"], repeated: &[] };
const EVENT: Keys = Keys { attribute: "`#[event]`", accepted: &[], repeated: &[] };
const PREPARE: Keys = Keys { attribute: "`#[prepare]`", accepted: &[], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, block: &'a Block, errors: &mut Errors) -> Behaviour<'a> {
    let mut krate = Krate::default();
    BLOCK.read(arguments, errors, |key, input| {
        krate = Krate(Some(value(key, input)?));
        Ok(())
    });
    let evolves = block.marked("event").map(|(method, mark)| read_evolve(method, mark, errors)).collect();
    let prepares: Vec<_> = block.marked("prepare").map(|(method, mark)| read_prepare(method, mark, errors)).collect();
    let commands = block.marked("command").map(|(method, mark)| read_decide(method, mark, &prepares, errors)).collect();
    Behaviour { block, krate, evolves, commands, prepares }
}

fn read_evolve<'a>(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Evolve<'a> {
    EVENT.read_attribute(mark, errors, |_, _| Ok(()));
    let event = match parameters(&method.signature).as_slice() {
        [event] => shared_reference(event),
        _ => None,
    };
    if event.is_none() {
        errors.at(&method.signature.ident, "an `#[event]` method takes the event by reference: `&mut self, event: &…`");
    }
    Evolve { method, mark, event }
}

fn read_prepare<'a>(method: &'a Method, mark: &Attribute, errors: &mut Errors) -> Prepare<'a> {
    PREPARE.read_attribute(mark, errors, |_, _| Ok(()));
    let parameters = parameters(&method.signature);
    let Some((command, rest)) = parameters.split_first() else {
        errors.at(&method.signature.ident, "a `#[prepare]` function takes the command by reference: `command: &…`");
        return Prepare { method, command: None, services: Vec::new() };
    };
    let reference = shared_reference(command);
    if reference.is_none() {
        errors.at(command, "a `#[prepare]` function takes the command by reference: it is still needed to decide");
    }
    let mut services = Vec::new();
    for service in rest {
        match shared_reference(service) {
            None => errors.at(service, "a service is borrowed: take it by reference"),
            Some(service @ Type::TraitObject(_)) => {
                errors.at(
                    service,
                    "a service is found by its type: take `&Arc<dyn …>`, and add an `Arc<dyn …>` to the application",
                );
            }
            Some(service) => services.push(service),
        }
    }
    Prepare { method, command: Some(reference.unwrap_or(command)), services }
}

fn read_decide<'a>(method: &'a Method, mark: &Attribute, prepares: &[Prepare<'_>], errors: &mut Errors) -> Decide<'a> {
    let mut foreign = None;
    COMMAND.read_attribute(mark, errors, |key, _| {
        foreign = Some(key.clone());
        Ok(())
    });
    let parameters = parameters(&method.signature);
    let Some((first, rest)) = parameters.split_first() else {
        errors.at(&method.signature.ident, "a command method takes its command: write `&self, command: …`");
        return Decide { method, command: None, by_reference: false, arguments: Vec::new(), foreign };
    };
    let reference = shared_reference(first);
    let command = reference.unwrap_or(first);
    let prepared = prepares.iter().any(|prepare| prepare.command == Some(command));
    let arguments = read_arguments(rest, prepared, errors);
    Decide { method, command: Some(command), by_reference: reference.is_some(), arguments, foreign }
}

fn read_arguments<'a>(rest: &[&'a Type], prepared: bool, errors: &mut Errors) -> Vec<(Argument, &'a Type)> {
    let mut arguments: Vec<(Argument, &Type)> = Vec::new();
    for &ty in rest {
        let reference = shared_reference(ty);
        let argument = match reference {
            Some(inner) if is_named(inner, "Context") => Argument::Context,
            Some(_) if prepared => Argument::Facts,
            None if is_named(ty, "Context") => {
                errors.at(ty, "the context is borrowed: take `&Context`");
                continue;
            }
            None if prepared => {
                errors.at(ty, "the facts are borrowed, so that deciding again can use them: take them by reference");
                continue;
            }
            _ => {
                errors.at(
                    ty,
                    "a decision knows state, command and `&Context`; what else it needs is fetched: write `#[prepare] async fn …(command: &…) -> Result<facts, error>`",
                );
                continue;
            }
        };
        if arguments.iter().any(|(other, _)| *other == argument) {
            errors.at(ty, "there is a parameter for this already");
        }
        arguments.push((argument, ty));
    }
    arguments
}
