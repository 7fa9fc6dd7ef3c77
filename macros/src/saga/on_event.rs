//! A method that takes an event, and perhaps what is known besides it.

use syn::{Attribute, Type};

use crate::support::Errors;
use crate::support::block::Method;
use crate::support::types::{is_named, parameters, shared_reference};

/// A marked method that takes an event by reference.
pub(crate) struct OnEvent<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
    /// `E` of `&E`, where it is written so.
    pub(crate) event: Option<&'a Type>,
    /// Whether it takes `&EventContext<'_>` too.
    pub(crate) context: bool,
}

impl<'a> OnEvent<'a> {
    pub(crate) fn read(method: &'a Method, mark: &'a Attribute, errors: &mut Errors) -> Self {
        let parameters = parameters(&method.signature);
        let (event, rest) = match parameters.split_first() {
            Some((event, rest)) => (shared_reference(event), rest),
            None => (None, &parameters[..]),
        };
        match (event, parameters.first()) {
            (None, Some(first)) => errors.at(first, "the event is borrowed: take it by reference"),
            (None, None) => errors.at(&method.signature.ident, "which event? Take it by reference: `event: &…`"),
            _ => {}
        }
        let is_context = |ty: &&Type| shared_reference(ty).is_some_and(|inner| is_named(inner, "EventContext"));
        for (at, ty) in rest.iter().enumerate() {
            if at > 0 || !is_context(ty) {
                errors.at(ty, "what is known besides the event is in one more parameter: `context: &EventContext<'_>`");
            }
        }
        Self { method, mark, event, context: !rest.is_empty() }
    }
}
