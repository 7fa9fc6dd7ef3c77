//! An inherent `impl` with marked methods. Bodies stay the tokens they are.

mod conditional;
mod given_back;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Generics, ImplItem, Path, Signature, Token, Type, Visibility, WhereClause, braced};

use super::conditions::{self, Uncertain};
use super::{attr, marks};
pub(crate) use given_back::unmarked;

/// An inherent `impl`.
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) members: Vec<Member>,
    /// The marked methods that were written, but do not exist under the conditions that hold.
    pub(crate) absent: Vec<Uncertain>,
}

pub(crate) enum Member {
    Method(Box<Method>),
    Other(TokenStream),
}

/// A method, with the attributes that mark it set apart.
pub(crate) struct Method {
    pub(crate) marks: Vec<Attribute>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    body: Group,
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let self_ty: Type = input.parse()?;
        if input.peek(Token![for]) {
            return Err(syn::Error::new_spanned(self_ty, "expected an inherent `impl`, without a trait"));
        }
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        let content;
        braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let mut members = vec![Member::Other(quote!(#(#inner)*))];
        while !content.is_empty() {
            members.push(content.parse()?);
        }
        Ok(Self { attributes, impl_token, generics, self_ty, members, absent: Vec::new() })
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let fork = input.fork();
        if let Ok(method) = fork.parse::<Method>() {
            input.advance_to(&fork);
            return Ok(Self::Method(Box::new(method)));
        }
        Ok(Self::Other(input.parse::<ImplItem>()?.into_token_stream()))
    }
}

impl Parse for Method {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let all = input.call(Attribute::parse_outer)?;
        let (marks, attributes) = all.into_iter().partition(|attribute| is_marking(attribute.path()));
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let TokenTree::Group(body) = input.parse()? else { return Err(input.error("expected a body")) };
        Ok(Self { marks, attributes, visibility, signature, body })
    }
}

impl Block {
    /// The marked methods, each with its mark `role`.
    pub(crate) fn marked<'a>(&'a self, role: &'static str) -> impl Iterator<Item = (&'a Method, &'a Attribute)> {
        self.methods().filter_map(move |method| method.marks.iter().find(|mark| attr::is(mark, role)).map(|mark| (method, mark)))
    }

    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.members.iter().filter_map(|member| match member {
            Member::Method(method) => Some(&**method),
            Member::Other(_) => None,
        })
    }
}

impl Method {
    /// What it is marked with, perhaps only under conditions.
    fn words(&self) -> impl Iterator<Item = Ident> {
        let possible = self.attributes.iter().flat_map(conditions::possible).filter(is_marking);
        let paths = self.marks.iter().map(|mark| mark.path().clone()).chain(possible);
        paths.filter_map(|path| path.segments.last().map(|segment| segment.ident.clone()))
    }

    /// Its documentation.
    pub(crate) fn docs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("doc"))
    }

    /// The attributes that are about the command that the method declares.
    pub(crate) fn for_command(&self) -> impl Iterator<Item = &Attribute> {
        let is_command = self.is_command();
        self.attributes.iter().filter(move |attribute| is_command && is_for_command(attribute.path()))
    }

    /// The attributes of parameters that are about fields of the command that the method declares.
    pub(crate) fn for_fields(&self) -> impl Iterator<Item = &Attribute> {
        let parameters = self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(parameter),
            FnArg::Receiver(_) => None,
        });
        parameters.flat_map(|parameter| &parameter.attrs).filter(|attribute| is_for_field(attribute))
    }

    fn is_command(&self) -> bool {
        self.words().any(|word| word == "command")
    }
}

/// Whether an attribute of a command method belongs to the struct.
fn is_for_command(path: &Path) -> bool {
    ["serde", "non_exhaustive"].iter().any(|name| path.is_ident(name))
}

/// Whether an attribute of a parameter belongs to the field: all but those that the compiler takes on parameters.
pub(crate) fn is_for_field(attribute: &Attribute) -> bool {
    is_of_field(attribute.path())
}

fn is_of_field(path: &Path) -> bool {
    !["allow", "cfg", "deny", "expect", "forbid", "warn"].iter().any(|name| path.is_ident(name))
}

fn is_marking(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| marks::is_mark(&segment.ident.to_string()))
}
