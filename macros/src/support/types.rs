//! Questions about types as they are written.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{FnArg, GenericArgument, Ident, PathArguments, Receiver, ReceiverKind, ReturnType, Signature, Type, TypeReference};

/// Whether the last segment of a path type is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment == name)
}

/// The last segment of a path type.
pub(crate) fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// `T` of `&T`.
pub(crate) fn shared_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(TypeReference { mutability: None, elem, .. }) => Some(elem),
        _ => None,
    }
}

/// `T` of what is written `Option<T>`.
pub(crate) fn optional(ty: &Type) -> Option<&Type> {
    let mut arguments = arguments(ty);
    arguments.next().filter(|_| is_named(ty, "Option") && arguments.next().is_none())
}

/// The type arguments of the last segment of a path type.
pub(crate) fn arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let arguments = match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.arguments),
        _ => None,
    };
    let list = match arguments {
        Some(PathArguments::AngleBracketed(arguments)) => Some(&arguments.args),
        _ => None,
    };
    list.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The types of the parameters after `self`.
pub(crate) fn parameters(signature: &Signature) -> Vec<&Type> {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    typed.collect()
}

/// The type after `->`.
pub(crate) fn returned(signature: &Signature) -> Option<&Type> {
    match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ty),
    }
}

/// The type as a person would write it, for messages.
pub(crate) fn text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), (":: ", "::")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

/// How a method takes `self`.
pub(crate) enum SelfParameter<'a> {
    /// Not at all: it is a function.
    None,
    Shared,
    Mutable(&'a Receiver),
    /// By value, or in a box.
    Other(&'a Receiver),
}

pub(crate) fn self_parameter(signature: &Signature) -> SelfParameter<'_> {
    let Some(FnArg::Receiver(receiver)) = signature.inputs.first() else { return SelfParameter::None };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => SelfParameter::Shared,
        ReceiverKind::Reference(_, _, Some(_)) => SelfParameter::Mutable(receiver),
        _ => SelfParameter::Other(receiver),
    }
}

/// The last segment of a path type: the name of the type.
pub(crate) fn type_name(ty: &Type) -> Ident {
    let last = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    last.map_or_else(|| Ident::new("_", Span::call_site()), |segment| segment.ident.clone())
}
