//! What the user said in an `#[aggregate] impl`.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, ImplGenerics, Type};

use super::declare::Declared;
use crate::support::Krate;
use crate::support::block::{Block, Method};

pub(crate) struct Behaviour<'a> {
    pub(crate) block: &'a Block,
    pub(crate) krate: Krate,
    /// `part = …`: another block has the `#[event]` method.
    pub(crate) part: Option<Ident>,
    /// `parts(…)`: the other blocks.
    pub(crate) parts: Vec<Part>,
    pub(crate) evolves: Vec<Evolve<'a>>,
    pub(crate) commands: Vec<Decide<'a>>,
    pub(crate) prepares: Vec<Prepare<'a>>,
}

/// One of the other blocks.
pub(crate) struct Part {
    /// The conditions under which it exists.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) name: Ident,
}

/// The `#[event]` method.
pub(crate) struct Evolve<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
    /// `E` of `&E`, where it is written so.
    pub(crate) event: Option<&'a Type>,
}

/// A `#[command]` method.
pub(crate) struct Decide<'a> {
    pub(crate) method: &'a Method,
    /// The type of the command, without `&`; none if there is no parameter for it.
    pub(crate) command: Option<Type>,
    /// The struct, if the method declares it.
    pub(crate) declared: Option<Declared<'a>>,
    /// What the method takes after `self`, each with the type of the parameter.
    pub(crate) arguments: Vec<(Argument, &'a Type)>,
    /// The word `foreign`: the command is of another crate.
    pub(crate) foreign: Option<Ident>,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Argument {
    /// The whole command.
    Command(Taken),
    /// The id of a command that the method declares.
    Id(Taken),
    /// Another field of it.
    Field(Ident),
    Facts,
    Context,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Taken {
    ByValue,
    ByReference,
}

/// A `#[prepare]` function.
pub(crate) struct Prepare<'a> {
    pub(crate) method: &'a Method,
    /// The type of the command, without `&`; none if there is no parameter for it.
    pub(crate) command: Option<&'a Type>,
    /// The types of the services, without `&`.
    pub(crate) services: Vec<&'a Type>,
}

impl<'a> Behaviour<'a> {
    /// Whether the block has parameters. A constant cannot name them.
    pub(crate) fn is_generic(&self) -> bool {
        !self.block.generics.params.is_empty()
    }

    /// The parameters, as an `impl` takes them.
    pub(crate) fn generics(&self) -> ImplGenerics<'a> {
        self.block.generics.split_for_impl().0
    }

    /// The preparation of a command.
    pub(crate) fn preparation(&self, command: &Type) -> Option<&Prepare<'a>> {
        self.prepares.iter().find(|prepare| prepare.command == Some(command))
    }
}

impl Decide<'_> {
    pub(crate) fn name(&self) -> &Ident {
        &self.method.signature.ident
    }

    /// Whether two parameters are alike, which is a mistake that the compiler tells itself.
    pub(crate) fn takes_twice(&self, argument: &Argument) -> bool {
        self.arguments.iter().filter(|(other, _)| other == argument).count() > 1
    }
}

impl Taken {
    pub(crate) fn of(ty: &Type) -> Self {
        if matches!(ty, Type::Reference(_)) { Self::ByReference } else { Self::ByValue }
    }
}

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self { conditions: input.call(Attribute::parse_outer)?, name: input.parse()? })
    }
}
