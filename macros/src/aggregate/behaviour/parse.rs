//! From syntax to model.

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, LitStr, Path, Type, Visibility};

use super::declare::{self, Declared, Head};
use super::model::{Argument, Behaviour, Decide, Evolve, Prepare, Taken};
use crate::support::attr::{list, value};
use crate::support::block::{Block, Method};
use crate::support::types::{is_named, parameters, shared_reference, text};
use crate::support::{Errors, Keys, Krate, names};

const BLOCK: Keys = Keys { attribute: "`#[aggregate]` on an `impl`", accepted: &["part", "parts", "crate"], repeated: &[] };
const COMMAND: Keys = Keys {
    attribute: "`#[command]` names a command to declare, such as `pub Deposit`, and",
    accepted: &["foreign", "name", "derive"],
    repeated: &[],
};
const EVENT: Keys = Keys { attribute: "`#[event]`", accepted: &[], repeated: &[] };
const PREPARE: Keys = Keys { attribute: "`#[prepare]`", accepted: &[], repeated: &[] };

pub(crate) fn parse<'a>(arguments: TokenStream, block: &'a Block, errors: &mut Errors) -> Behaviour<'a> {
    let (mut krate, mut part, mut parts) = (Krate::default(), None, Vec::new());
    BLOCK.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "part" => {
                let text = value::<LitStr>(key, &input.fork()).ok();
                // Whatever it is called, it is a part.
                part = Some(text.as_ref().and_then(|text| text.parse().ok()).unwrap_or_else(|| key.clone()));
                if let Some(text) = text {
                    let _skipped: syn::Result<LitStr> = value(key, input);
                    let message = format!("`part` is a word, not a text: write `part = {}`", text.value());
                    return Err(syn::Error::new(text.span(), message));
                }
                part = Some(value(key, input)?);
            }
            "parts" => parts = list(key, input)?,
            _ => krate = Krate(Some(value(key, input)?)),
        }
        Ok(())
    });
    let evolves = block.marked("event").map(|(method, mark)| read_evolve(method, mark, errors)).collect();
    let prepares: Vec<_> = block.marked("prepare").map(|(method, mark)| read_prepare(method, mark, errors)).collect();
    let commands = block.marked("command").map(|(method, mark)| read_decide(block, method, mark, &prepares, errors)).collect();
    Behaviour { block, krate, part, parts, evolves, commands, prepares }
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

fn read_decide<'a>(
    block: &'a Block,
    method: &'a Method,
    mark: &Attribute,
    prepares: &[Prepare<'_>],
    errors: &mut Errors,
) -> Decide<'a> {
    let (head, arguments) = declare::read_head(mark, errors);
    let (mut foreign, mut stored_name, mut derives) = (None, None, Vec::new());
    let mut of_struct: Vec<Ident> = Vec::new();
    COMMAND.read(arguments, errors, |key, input| {
        match key.to_string().as_str() {
            "name" => stored_name = Some(value(key, input)?),
            "derive" => derives = list(key, input)?,
            _ => foreign = Some(key.clone()),
        }
        if key != "foreign" {
            of_struct.push(key.clone());
        }
        Ok(())
    });
    let is_prepared = |command: &Type| prepares.iter().any(|prepare| prepare.command == Some(command));
    if let Some(Head { visibility, name }) = head {
        let Some(name) = name else {
            return Decide { method, command: None, declared: None, arguments: Vec::new(), foreign: None };
        };
        let command = declare::with_parameters(&name, &block.generics);
        derives.retain(|path: &Path| {
            let is_command = path.segments.last().is_some_and(|segment| segment.ident == "Command");
            if is_command {
                errors.at(path, "`Command` is derived already");
            }
            !is_command
        });
        // Who may call the method may send its command.
        let visibility = if visibility == Visibility::Inherited { method.visibility.clone() } else { visibility };
        let mut declared = Declared { visibility, name, stored_name, derives, fields: Vec::new() };
        let arguments = declare::read_parameters(method, &mut declared, is_prepared(&command), errors);
        if let Some(foreign) = &foreign {
            errors.at(foreign, "a command that is declared here is not of another crate");
        }
        return Decide { method, command: Some(command), declared: Some(declared), arguments, foreign: None };
    }
    for key in of_struct {
        errors.at(&key, format_args!("`{key}` belongs on the struct; here it is for a command that is declared here, as in `#[command(pub Deposit, {key} …)]`"));
    }
    for attribute in method.for_command().chain(method.for_fields()) {
        errors.at(attribute, "this belongs on the struct of the command, or its field");
    }
    let parameters = parameters(&method.signature);
    let Some((first, rest)) = parameters.split_first() else {
        let name = names::pascal(&method.signature.ident);
        errors.at(
            &method.signature.ident,
            format_args!(
                "a command method takes its command: write `&self, command: …`, or declare one with `#[command(pub {name})]`"
            ),
        );
        return Decide { method, command: None, declared: None, arguments: Vec::new(), foreign };
    };
    let command = shared_reference(first).unwrap_or(first);
    if is_no_struct(command) {
        let (name, command) = (names::pascal(&method.signature.ident), text(command));
        errors.at(
            first,
            format_args!("`{command}` is no command: take a struct with `#[derive(Command)]`, or declare one with `#[command(pub {name})]`, whose fields are the parameters"),
        );
        return Decide { method, command: None, declared: None, arguments: Vec::new(), foreign };
    }
    let mut arguments = vec![(Argument::Command(Taken::of(first)), *first)];
    read_arguments(rest, is_prepared(command), &mut arguments, errors);
    Decide { method, command: Some(command.clone()), declared: None, arguments, foreign }
}

/// Whether it is certainly no struct of the user.
fn is_no_struct(ty: &Type) -> bool {
    let known = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
        "f64", "String", "Option", "Vec", "Box",
    ];
    matches!(ty, Type::Tuple(_) | Type::Array(_) | Type::Slice(_) | Type::ImplTrait(_))
        || known.iter().any(|name| is_named(ty, name))
}

fn read_arguments<'a>(rest: &[&'a Type], prepared: bool, arguments: &mut Vec<(Argument, &'a Type)>, errors: &mut Errors) {
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
            None => {
                errors.at(
                    ty,
                    "a decision takes one command and borrows the rest; a command made of the parameters is declared with `#[command(pub …)]`",
                );
                continue;
            }
            Some(_) => {
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
}
