//! The rules of aggregate types.

use syn::Data;

use super::model::Identity;
use crate::support::names::Name;
use crate::support::{Errors, names};

pub(crate) fn check(identity: &Identity<'_>, errors: &mut Errors) {
    let input = identity.original;
    let name = &input.ident;
    if matches!(input.data, Data::Union(_)) {
        errors.at(name, "an aggregate is a struct or enum");
    }
    if let Some(lifetime) = input.generics.lifetimes().next() {
        errors.at(
            lifetime,
            "an aggregate has no lifetime: it is kept in memory between commands, so it owns what it holds, as `String`, not `&str`",
        );
    }
    // An argument that is there but unreadable was reported: it counts as missing only if nothing else is wrong.
    if errors.is_empty() {
        match (&identity.id, &identity.event) {
            (None, None) => {
                errors.at(name, "say what identifies the aggregate and what can happen to it: `#[aggregate(id = …, event = …)]`")
            }
            (None, Some(_)) => errors.at(name, "say what identifies the aggregate: `#[aggregate(id = …, …)]`"),
            (Some(_), None) => errors.at(name, "say what can happen to the aggregate: `#[aggregate(event = …, …)]`"),
            (Some(_), Some(_)) => {}
        }
    }
    check_category(identity, errors);
}

fn check_category(identity: &Identity<'_>, errors: &mut Errors) {
    let name = &identity.original.ident;
    let is_good = |category: &str| names::is_word(category) && category.len() <= names::MAX_WORD;
    let rule = "a category consists of lower-case letters, digits and `_`, and starts with a letter";
    let limit = names::MAX_WORD;
    let snake = names::snake(name);
    match &identity.category {
        // It is checked when it is known.
        Some(Name::Constant(_)) => {}
        Some(Name::Literal(literal)) => {
            let category = literal.value();
            if !is_good(&category) {
                errors.at(literal, format_args!("`{category}` cannot be used: {rule}; at most {limit} bytes"));
            }
        }
        None if identity.is_generic() => errors.at(
            name,
            format_args!(
                "`{name}` has parameters, so say the category of its streams: `#[aggregate(category = …)]` with a constant of a parameter, such as `C::CATEGORY`, if each instantiation has its own; `category = \"{snake}\"` if an application has only one"
            ),
        ),
        None if is_good(&snake) => {}
        None => errors.at(
            name,
            format_args!(
                "`{snake}` cannot be used: {rule}; at most {limit} bytes. Say another with `#[aggregate(category = \"…\")]`"
            ),
        ),
    }
}
