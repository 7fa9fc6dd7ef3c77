//! The rules of aggregate types.

use syn::Data;

use super::model::Identity;
use crate::support::{Errors, names};

pub(crate) fn check(identity: &Identity<'_>, errors: &mut Errors) {
    let input = identity.original;
    let name = &input.ident;
    if matches!(input.data, Data::Union(_)) {
        errors.at(name, "an aggregate is a struct or enum");
    }
    if !input.generics.params.is_empty() {
        errors.at(&input.generics, "an aggregate cannot be generic: its streams have one category");
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
    let category = &identity.category;
    if names::is_word(category) && category.len() <= names::MAX_WORD {
        return;
    }
    let rule = "a category consists of lower-case letters, digits and `_`, and starts with a letter";
    let limit = names::MAX_WORD;
    match &identity.literal {
        Some(literal) => errors.at(literal, format_args!("`{category}` cannot be used: {rule}; at most {limit} bytes")),
        None => errors.at(
            &identity.original.ident,
            format_args!(
                "`{category}` cannot be used: {rule}; at most {limit} bytes. Say another with `#[aggregate(category = \"…\")]`"
            ),
        ),
    }
}
