//! From model to code.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Marked, Projection};

pub(crate) fn expand(projection: &Projection<'_>) -> TokenStream {
    let private = &projection.krate.private();
    let self_ty = &projection.block.self_ty;
    let ons = projection.events().map(|(on, event)| expand_on(on, event, self_ty, private));
    let name = &projection.name;
    let version = projection.version.as_ref().and_then(|version| version.base10_parse().ok()).unwrap_or(1);
    let version = Literal::u32_unsuffixed(version);
    let filter = expand_filter(projection, private);
    let key = expand_key(projection, private);
    let applies = projection.events().map(|(_, event)| {
        quote_spanned! {event.span()=>
            if #private::holds::<#event>(__event) {
                let __content = #private::RecordedEvent::decode::<#event>(__event)?;
                <Self as #private::On<#event>>::on(self, &__content, &#private::EventContext::new(__event));
                return #private::Ok(());
            }
        }
    });
    let applies: TokenStream = applies.collect();
    quote! {
        #(#ons)*

        #[automatically_derived]
        impl #private::Projection for #self_ty {
            const NAME: &'static str = #name;
            const VERSION: u32 = #version;

            fn filter() -> #private::Filter {
                #filter
            }

            #key

            fn apply(&mut self, __event: &#private::RecordedEvent) -> #private::Result<(), #private::DecodeError> {
                #applies
                #private::Ok(())
            }
        }
    }
}

fn expand_on(on: &Marked<'_>, event: &Type, self_ty: &Type, private: &TokenStream) -> TokenStream {
    let method = &on.method.signature.ident;
    let context = on.context.then(|| quote!(, __context));
    quote_spanned! {event.span()=>
        #[automatically_derived]
        impl #private::On<#event> for #self_ty {
            fn on(&mut self, __event: &#event, __context: &#private::EventContext<'_>) {
                Self::#method(self, __event #context)
            }
        }
    }
}

fn expand_filter(projection: &Projection<'_>, private: &TokenStream) -> TokenStream {
    let filters = projection.events().map(|(_, event)| quote_spanned!(event.span()=> #private::Filter::events::<#event>()));
    filters.reduce(|all, next| quote!(#private::Filter::union(#all, #next))).unwrap_or_default()
}

/// The method `key`: the id of the stream, what the `#[key]` functions say, or one document.
fn expand_key(projection: &Projection<'_>, private: &TokenStream) -> TokenStream {
    let returns = quote!(#private::Result<#private::Option<#private::String>, #private::DecodeError>);
    if projection.keys.is_empty() {
        let (event, key) = if projection.per_stream.is_some() {
            (quote!(__event), quote!(#private::String::from(__event.stream.id())))
        } else {
            (quote!(_), quote!(#private::String::new()))
        };
        return quote! {
            fn key(#event: &#private::RecordedEvent) -> #returns {
                #private::Ok(#private::Some(#key))
            }
        };
    }
    let keys = projection.events().filter_map(|(_, event)| projection.key(event).map(|key| expand_one_key(key, event, private)));
    let keys: TokenStream = keys.collect();
    quote! {
        fn key(__event: &#private::RecordedEvent) -> #returns {
            #keys
            #private::Ok(#private::None)
        }
    }
}

fn expand_one_key(key: &Marked<'_>, event: &Type, private: &TokenStream) -> TokenStream {
    let method = &key.method.signature.ident;
    let context = key.context.then(|| quote!(, &#private::EventContext::new(__event)));
    let returned = crate::support::types::returned(&key.method.signature).map_or_else(|| event.span(), Spanned::span);
    let call = quote_spanned!(returned=> #private::IntoKey::into_key(Self::#method(&__content #context)));
    quote_spanned! {event.span()=>
        if #private::holds::<#event>(__event) {
            let __content = #private::RecordedEvent::decode::<#event>(__event)?;
            return #private::Ok(#call);
        }
    }
}
