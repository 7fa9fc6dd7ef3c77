//! The item as the user wrote it, without what only a macro understands.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Meta, Path, Signature, parse_quote};

use super::{Block, Member, Method, is_for_command, is_marking, is_of_field};
use crate::support::conditions;

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, impl_token, generics, self_ty, members, absent: _ } = self;
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
        let Self { marks: _, attributes, visibility, signature, body } = self;
        let is_command = self.is_command();
        let is_read = |path: &Path| is_marking(path) || is_command && is_for_command(path);
        let attributes = attributes.iter().filter_map(|attribute| conditions::without(attribute, is_read));
        let signature = if is_command { bare(signature) } else { signature.clone() };
        let allow = self.words().next().is_some().then(|| {
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

/// The signature without what is about fields.
fn bare(signature: &Signature) -> Signature {
    let mut signature = signature.clone();
    for input in &mut signature.inputs {
        if let FnArg::Typed(parameter) = input {
            let attributes = parameter.attrs.iter().filter_map(|attribute| conditions::without(attribute, is_of_field));
            parameter.attrs = attributes.collect();
        }
    }
    signature
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
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
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
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let attribute = |input: ParseStream<'_>| input.parse::<Meta>();
    let attribute = attribute.parse2(group.stream()).map(|meta| -> Attribute { parse_quote!(#[#meta]) });
    attribute.is_ok_and(|attribute| conditions::possible(&attribute).iter().any(is_marking))
}
