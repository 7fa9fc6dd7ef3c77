//! Blocks with methods under conditions: `#[cfg]` and `#[cfg_attr]`.
//!
//! An attribute macro sees them undecided; a derive macro sees what the compiler has left. So such a block is given back at
//! once, and what it says goes through the compiler in an enum, which is derived (`Configured`) and then taken away
//! (`discard`), before anything in it is looked up. Behind that, what does not exist is as if nobody had written it: no rule
//! and no expansion knows of conditions.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Meta, Token};

use crate::aggregate::{behaviour, identity};
use crate::support::Krate;
use crate::support::block::Block;
use crate::support::conditions::Uncertain;
use crate::{projection, saga};

/// Has `#[word(arguments)]` read the block when the compiler has decided on what is in it.
pub(crate) fn carry_block(word: &str, arguments: &TokenStream, block: &Block) -> TokenStream {
    carry(word, arguments, &block.uncertain(), &block.outline())
}

/// Has `#[aggregate(arguments)]` read the type if it exists.
pub(crate) fn carry_type(arguments: &TokenStream, input: &DeriveInput) -> TokenStream {
    carry("aggregate", arguments, &[], input)
}

fn carry(word: &str, arguments: &TokenStream, uncertain: &[Uncertain], item: &impl ToTokens) -> TokenStream {
    let (private, word) = (Krate::of_arguments(arguments).private(), Ident::new(word, Span::call_site()));
    quote! {
        #[derive(#private::Configured)]
        #[#private::discard]
        enum __Conditional {
            __Item = {
                #[#word(#arguments)]
                #[uncertain(#(#uncertain),*)]
                #item
            }
        }
    }
}

/// Reads what was carried.
pub(crate) fn derive(carrier: TokenStream) -> TokenStream {
    let carried = last_group(carrier).and_then(last_group).map(closed_up).unwrap_or_default();
    // Nothing is left of an item that does not exist.
    if carried.is_empty() {
        return TokenStream::new();
    }
    read.parse2(carried).unwrap_or_else(syn::Error::into_compile_error)
}

fn read(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let attributes = input.call(Attribute::parse_outer)?;
    let [macro_of_item, uncertain, attributes @ ..] = attributes.as_slice() else { return Err(input.error("expected a macro")) };
    let (arguments, item) = (tokens(macro_of_item), input.parse::<TokenStream>()?);
    let item = quote!(#(#attributes)* #item);
    if let Ok(input) = syn::parse2::<DeriveInput>(item.clone()) {
        return Ok(identity::expand(arguments, &input));
    }
    let uncertain = Punctuated::<Uncertain, Token![,]>::parse_terminated.parse2(tokens(uncertain))?;
    let block = syn::parse2::<Block>(item)?.with_absent(uncertain.into_iter().collect());
    Ok(match macro_of_item.path() {
        path if path.is_ident("aggregate") => behaviour::expand(arguments, &block),
        path if path.is_ident("projection") => projection::expand(arguments, &block),
        _ => saga::expand(arguments, &block),
    })
}

/// What stands in the parentheses of an attribute.
fn tokens(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

fn last_group(tokens: TokenStream) -> Option<TokenStream> {
    tokens.into_iter().filter_map(|token| if let TokenTree::Group(group) = token { Some(group.stream()) } else { None }).last()
}

/// Takes away the commas that the compiler leaves behind parameters which do not exist.
fn closed_up(tokens: TokenStream) -> TokenStream {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            token if is_comma(&token) && kept.last().is_none_or(is_comma) => {}
            // What stands in attributes is the user's.
            TokenTree::Group(group) if group.delimiter() != Delimiter::Bracket => {
                let mut closed = Group::new(group.delimiter(), closed_up(group.stream()));
                closed.set_span(group.span());
                kept.push(closed.into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}
