//! The rules of all projections.

use syn::Signature;

use super::model::{Marked, Other, Projection};
use crate::support::types::text;
use crate::support::{Errors, marks, names};

pub(crate) fn check(projection: &Projection<'_>, errors: &mut Errors) {
    let block = projection.block;
    if !block.generics.params.is_empty() {
        errors.at(&block.generics, "a projection cannot be generic: its documents are kept under one name");
    }
    marks::check(block, &marks::PROJECTION, errors);
    check_name(projection, errors);
    check_version(projection, errors);
    check_once(&projection.ons, "taken in", errors);
}

fn check_name(projection: &Projection<'_>, errors: &mut Errors) {
    let name = &projection.name;
    if names::is_word(name) && name.len() <= names::MAX_WORD {
        return;
    }
    let rule = "a projection name consists of lower-case letters, digits and `_`, and starts with a letter";
    let limit = names::MAX_WORD;
    match &projection.literal {
        Some(literal) => errors.at(literal, format_args!("`{name}` cannot be used: {rule}; at most {limit} bytes")),
        None => errors.at(
            &projection.block.self_ty,
            format_args!(
                "`{name}` cannot be used: {rule}; at most {limit} bytes. Say another with `#[projection(name = \"…\")]`"
            ),
        ),
    }
}

fn check_version(projection: &Projection<'_>, errors: &mut Errors) {
    let Some(literal) = &projection.version else { return };
    match literal.base10_parse::<u32>() {
        Ok(0) => errors.at(literal, "versions start at 1"),
        Ok(_) => {}
        Err(error) => errors.add(error),
    }
}

/// What no marked method may be, and why it does not wait.
pub(crate) fn check_plain(signature: &Signature, what: &str, why: &str, errors: &mut Errors) {
    if let Some(asyncness) = &signature.asyncness {
        errors.at(asyncness, format_args!("{what} does not wait: {why}"));
    }
    if let Some(parameter) = signature.generics.params.first() {
        errors.at(parameter, format_args!("{what} cannot be generic: Annals calls it"));
    }
}

pub(crate) fn check_once(methods: &[Marked<'_>], what: &str, errors: &mut Errors) {
    for (at, method) in methods.iter().enumerate() {
        let Some(event) = method.event else { continue };
        if let Some(first) = methods[..at].iter().find(|first| first.event == Some(event)) {
            let first = &first.method.signature.ident;
            errors.at(event, format_args!("`{}` is already {what} by `{first}`", text(event)));
        }
    }
}

/// What a method takes besides the event: what is `known`, each once. `rule` says that in words.
pub(crate) fn check_others(method: &Marked<'_>, known: &[Other], rule: &str, errors: &mut Errors) {
    for (at, (other, ty)) in method.others.iter().enumerate() {
        if !known.contains(other) {
            errors.at(ty, rule);
        } else if method.others[..at].iter().any(|(first, _)| first == other) {
            errors.at(ty, format_args!("`{}` is given once", text(ty)));
        }
    }
}
