//! What the user said about a projection.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Ident, LitInt, LitStr, Type};

use crate::support::Krate;
use crate::support::block::{Block, Method};

pub(crate) struct Projection<'a> {
    pub(crate) block: &'a Block,
    pub(crate) krate: Krate,
    /// `name = "…"`.
    pub(crate) literal: Option<LitStr>,
    pub(crate) name: String,
    pub(crate) version: Option<LitInt>,
    /// The word `per_stream`.
    pub(crate) per_stream: Option<Ident>,
    /// The word `sqlite`: it keeps tables there.
    pub(crate) sqlite: Option<Ident>,
    pub(crate) ons: Vec<Marked<'a>>,
    pub(crate) keys: Vec<Marked<'a>>,
    pub(crate) setups: Vec<Setup<'a>>,
}

/// An `#[on]` method or `#[key]` function.
pub(crate) struct Marked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
    /// `E` of `&E`, where it is written so.
    pub(crate) event: Option<&'a Type>,
    /// What it takes besides the event, in its order.
    pub(crate) others: Vec<(Other, &'a Type)>,
}

/// A `#[setup]` function.
pub(crate) struct Setup<'a> {
    pub(crate) method: &'a Method,
    pub(crate) mark: &'a Attribute,
}

/// What a method takes besides the event, by the type as it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Other {
    /// `&EventContext<'_>`.
    Context,
    /// `&str`: the key of the document.
    Key,
    /// `&Transaction<'_>`.
    Transaction,
    /// Nothing that Annals could give.
    Unknown,
}

impl<'a> Projection<'a> {
    /// The methods with the events they take.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&Marked<'a>, &'a Type)> {
        self.ons.iter().filter_map(|on| on.event.map(|event| (on, event)))
    }

    /// What only a projection in SQL has: a `#[setup]` function, or a method that takes a transaction.
    pub(crate) fn first_sign_of_sql(&self) -> Option<TokenStream> {
        let setup = self.setups.first().map(|setup| setup.mark.to_token_stream());
        let mut others = self.ons.iter().flat_map(|on| &on.others);
        setup.or_else(|| others.find(|(other, _)| *other == Other::Transaction).map(|(_, ty)| ty.to_token_stream()))
    }

    /// What says the key for an event.
    pub(crate) fn key(&self, event: &Type) -> Option<&Marked<'a>> {
        self.keys.iter().find(|key| key.event == Some(event))
    }
}
