//! An inherent `impl` with marked methods. Bodies stay the tokens they are.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Generics, ImplItem, Signature, Token, Type, Visibility, WhereClause, braced};

use super::{attr, marks};

/// An inherent `impl`.
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) members: Vec<Member>,
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
        Ok(Self { attributes, impl_token, generics, self_ty, members })
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
        let (marks, attributes) = all.into_iter().partition(is_marking);
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
    /// The conditions under which the method exists; what is generated for it exists under the same.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Its documentation.
    pub(crate) fn docs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("doc"))
    }

    /// The attributes that are about the command that the method declares.
    pub(crate) fn for_command(&self) -> impl Iterator<Item = &Attribute> {
        let is_command = self.is_command();
        self.attributes.iter().filter(move |attribute| is_command && is_for_command(attribute))
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
        self.marks.iter().any(|mark| attr::is(mark, "command"))
    }

    /// The signature without what was about fields.
    fn bare_signature(&self) -> Signature {
        let mut signature = self.signature.clone();
        for input in &mut signature.inputs {
            if let FnArg::Typed(parameter) = input {
                parameter.attrs.retain(|attribute| !is_for_field(attribute));
            }
        }
        signature
    }
}

/// Whether an attribute of a command method belongs to the struct.
fn is_for_command(attribute: &Attribute) -> bool {
    ["serde", "non_exhaustive"].iter().any(|name| attribute.path().is_ident(name))
}

/// Whether an attribute of a parameter belongs to the field: all but those that the compiler takes on parameters.
pub(crate) fn is_for_field(attribute: &Attribute) -> bool {
    !["allow", "cfg", "deny", "expect", "forbid", "warn"].iter().any(|name| attribute.path().is_ident(name))
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, impl_token, generics, self_ty, members } = self;
        let condition = &generics.where_clause;
        tokens.extend(quote!(#(#attributes)* #impl_token #generics #self_ty #condition { #(#members)* }));
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { marks, attributes, visibility, signature, body } = self;
        let is_command = self.is_command();
        let attributes = attributes.iter().filter(|attribute| !(is_command && is_for_command(attribute)));
        let signature = if is_command { self.bare_signature() } else { signature.clone() };
        let allow = (!marks.is_empty()).then(|| {
            quote! {
                #[allow(
                    clippy::missing_const_for_fn,
                    clippy::needless_pass_by_ref_mut,
                    clippy::needless_pass_by_value,
                    clippy::too_many_arguments,
                    clippy::trivially_copy_pass_by_ref,
                    clippy::unnecessary_wraps,
                    clippy::unused_async,
                    clippy::unused_self,
                    reason = "Annals calls the method: what it takes and returns is not a free choice"
                )]
            }
        });
        tokens.extend(quote!(#(#attributes)* #allow #visibility #signature #body));
    }
}

/// The item without the marks, for when it could not be read: the marks alone would raise errors of their own.
pub(crate) fn unmarked(item: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in item {
        let is_mark = matches!(&token, TokenTree::Group(group) if is_mark(group));
        match token {
            _ if is_mark && matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#') => {
                kept.pop();
            }
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => {
                let mut inner = Group::new(group.delimiter(), unmarked(group.stream()));
                inner.set_span(group.span());
                kept.push(TokenTree::Group(inner));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn is_mark(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == proc_macro2::Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(word)) if marks::is_mark(&word.to_string()))
}

fn is_marking(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| marks::is_mark(&segment.ident.to_string()))
}
