//! From model to code.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::super::model::{Marked, Other, Projection};
use crate::support::types::returned;

pub(crate) fn expand(projection: &Projection<'_>) -> TokenStream {
    let private = &projection.krate.private();
    let self_ty = &projection.block.self_ty;
    let (constants, demands) = expand_demands(projection);
    let ons = projection.events().zip(&demands).map(|((on, event), demand)| expand_on(projection, on, event, demand));
    let name = &projection.name;
    let (version, is_stored) = (version(projection), projection.krate.demand_of_stored(self_ty));
    let filter = expand_filter(projection);
    let keys = expand_keys(projection, private);
    let applies: TokenStream = projection.events().map(|(_, event)| expand_apply(projection, event)).collect();
    quote! {
        #constants
        #(#ons)*
        #is_stored

        #[automatically_derived]
        impl #private::Projection for #self_ty where for<'__a> #self_ty: #private::StoredIf<'__a, __IS_STORED>, #(#demands)* {
            const NAME: &'static str = #name;
            const VERSION: u32 = #version;

            fn filter() -> #private::Filter {
                #filter
            }

            #keys

            fn apply(
                &mut self,
                __event: &#private::RecordedEvent,
                __key: &#private::str,
            ) -> #private::Applied {
                #applies
                #private::Ok(#private::Document::Keep)
            }
        }
    }
}

pub(crate) fn version(projection: &Projection<'_>) -> Literal {
    Literal::u32_unsuffixed(projection.version.as_ref().and_then(|version| version.base10_parse().ok()).unwrap_or(1))
}

/// How one type of event is taken in. The whole is spanned at the type, so that the compiler's answer to a type that is
/// no event is one error, there.
fn expand_on(projection: &Projection<'_>, on: &Marked<'_>, event: &Type, demand: &TokenStream) -> TokenStream {
    let private = projection.krate.at(event.span());
    let self_ty = &projection.block.self_ty;
    let method = &on.method.signature.ident;
    let others = on.others.iter().map(|(other, _)| match other {
        Other::Key => quote!(, __key),
        Other::Context | Other::Transaction | Other::Unknown => quote!(, __context),
    });
    let call = quote_spanned!(event.span()=> Self::#method(self, __event #(#others)*));
    let body = match returned(&on.method.signature) {
        None => quote_spanned! {event.span()=>
            #call;
            #private::Document::Keep
        },
        Some(ty) => {
            let into = projection.krate.at(ty.span());
            quote_spanned!(ty.span()=> #into::IntoDocument::into_document(#call))
        }
    };
    quote_spanned! {event.span()=>
        #[automatically_derived]
        impl #private::On<#event> for #self_ty where #demand {
            fn on(
                &mut self,
                __event: &#event,
                __key: &#private::str,
                __context: &#private::EventContext<'_>,
            ) -> #private::Document {
                #body
            }
        }
    }
}

fn expand_apply(projection: &Projection<'_>, event: &Type) -> TokenStream {
    let private = projection.krate.at(event.span());
    let (this, record, key) = (quote!(self), quote!(__event), quote!(__key));
    quote_spanned! {event.span()=>
        if #private::holds::<#event>(#record) {
            let __content = #record.decode::<#event>()?;
            let __context = #private::EventContext::new(#record);
            return #private::Ok(#private::On::<#event>::on(#this, &__content, #key, &__context));
        }
    }
}

/// The constants that demand events, and the conditions which go through them: what is no event is reported once.
pub(crate) fn expand_demands(projection: &Projection<'_>) -> (TokenStream, Vec<TokenStream>) {
    let demands = projection.events().enumerate().map(|(at, (_, event))| {
        let (name, private) = (format_ident!("__IS_EVENT_{at}"), projection.krate.at(event.span()));
        (
            quote_spanned!(event.span()=> const #name: #private::bool = #private::demand::event::<#event>();),
            quote_spanned!(event.span()=> for<'__a> #event: #private::EventIf<'__a, #name>,),
        )
    });
    demands.unzip()
}

pub(crate) fn expand_filter(projection: &Projection<'_>) -> TokenStream {
    let private = projection.krate.private();
    let filters = projection.events().map(|(_, event)| {
        let private = projection.krate.at(event.span());
        quote_spanned!(event.span()=> #private::Filter::events::<#event>())
    });
    filters.reduce(|all, next| quote!(#private::Filter::union(#all, #next))).unwrap_or_default()
}

/// The function `keys`: the id of the stream, what the `#[key]` functions say, or one document.
fn expand_keys(projection: &Projection<'_>, private: &TokenStream) -> TokenStream {
    let returns = quote!(#private::Keys);
    if projection.keys.is_empty() {
        let (event, key) = if projection.per_stream.is_some() {
            (quote!(__event), quote!(#private::stream_key(__event)))
        } else {
            (quote!(_), quote!(#private::String::new()))
        };
        return quote! {
            fn keys(#event: &#private::RecordedEvent) -> #returns {
                #private::Ok(#private::vec![#key])
            }
        };
    }
    let keys =
        projection.events().filter_map(|(_, event)| projection.key(event).map(|key| expand_one_key(projection, key, event)));
    let keys: TokenStream = keys.collect();
    quote! {
        fn keys(__event: &#private::RecordedEvent) -> #returns {
            #keys
            #private::Ok(#private::Vec::new())
        }
    }
}

fn expand_one_key(projection: &Projection<'_>, key: &Marked<'_>, event: &Type) -> TokenStream {
    let private = projection.krate.at(event.span());
    let method = &key.method.signature.ident;
    let (record, content) = (quote!(__event), quote!(__content));
    let context = (!key.others.is_empty()).then(|| quote!(, &#private::EventContext::new(#record)));
    let at = returned(&key.method.signature).map_or_else(|| event.span(), Spanned::span);
    let into_keys = projection.krate.at(at);
    let call = quote_spanned!(at=> #into_keys::IntoKeys::into_keys(Self::#method(&#content #context)));
    quote_spanned! {event.span()=>
        if #private::holds::<#event>(#record) {
            let #content = #record.decode::<#event>()?;
            return #private::Ok(#call);
        }
    }
}
