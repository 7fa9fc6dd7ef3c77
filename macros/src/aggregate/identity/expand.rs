//! From model to code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::Identity;
use crate::support::bounds::mentions_any;
use crate::support::names::{self, Name};
use crate::support::{Errors, lints};

/// Everything that is known. What is not, is a type that the compiler takes for whatever is needed, because of `errors`:
/// so they are told, and nothing else.
pub(crate) fn expand(identity: &Identity<'_>, errors: Errors) -> TokenStream {
    let private = identity.krate.private();
    let errors = errors.into_tokens();
    let (outside, mistaken) = if identity.id.is_some() && identity.event.is_some() {
        (Some(errors), None)
    } else {
        (None, Some(quote!(#private::stand_in::Unknown<{ #errors true }>)))
    };
    let (id, event) = match (&identity.id, &identity.event) {
        (Some(id), Some(event)) => (id.to_token_stream(), event.to_token_stream()),
        (Some(id), None) => (id.to_token_stream(), mistaken.into_token_stream()),
        (None, Some(event)) => (mistaken.into_token_stream(), event.to_token_stream()),
        (None, None) => (mistaken.into_token_stream(), quote!(<Self as #private::Aggregate>::Id)),
    };
    let items = if identity.is_generic() || identity.is_borrowed() {
        expand_generic(identity, &id, &event)
    } else {
        expand_plain(identity, &id, &event)
    };
    let hidden = lints::judged_elsewhere(&identity.original.attrs, &items);
    quote!(#outside #hidden)
}

fn expand_plain(identity: &Identity<'_>, id: &TokenStream, event: &TokenStream) -> TokenStream {
    let (private, name, category) = (identity.krate.private(), &identity.original.ident, expand_category(identity));
    // A constant of its own is checked also where nobody asks for it.
    let (constant, category) = match &identity.category {
        Some(Name::Constant(_)) => (Some(quote!(const __CATEGORY: &#private::str = #category;)), quote!(__CATEGORY)),
        _ => (None, category),
    };
    quote! {
        #constant

        #[automatically_derived]
        impl #private::Aggregate for #name {
            type Id = #id;
            type Event = #event;

            const CATEGORY: &'static str = #category;
        }

        #[automatically_derived]
        impl #private::stand_in::Identified for #name {}

        impl #name {
            #[doc(hidden)]
            pub const __IS_IDENTIFIED: #private::bool = true;
        }
    }
}

/// Of a type with parameters it depends on them whether it is an aggregate; what it says of itself does not.
fn expand_generic(identity: &Identity<'_>, id: &TokenStream, event: &TokenStream) -> TokenStream {
    let (private, name, category) = (identity.krate.private(), &identity.original.ident, expand_category(identity));
    let (generics, arguments, condition) = identity.original.generics.split_for_impl();
    let said = quote!(<Self as #private::generic::Said>);
    let bounds = expand_bounds(identity);
    let demands = identity.event.as_ref().filter(|event| mentions_any(&identity.original.generics, event)).map(|event| {
        let private = identity.krate.at(event.span());
        let is_event = quote_spanned! {event.span()=>
            <<#name #arguments as #private::generic::Said>::Event>::__is_event()
        };
        quote! {
            #[allow(clippy::absolute_paths, reason = "it stands where the event does")]
            fn __demands #generics() -> #private::bool #condition {
                #[allow(unused_imports, reason = "a derived event has a function of its own")]
                use #private::generic::Underived as _;
                #is_event
            }
        }
    });
    // What names a parameter depends on it: in the `impl` of an aggregate it is what the type says, whatever that is.
    let known = |written: &Option<Type>, ty: TokenStream, said: TokenStream| match written {
        Some(written) if mentions_any(&identity.original.generics, written) => said,
        _ => ty,
    };
    let known_id = known(&identity.id, id.clone(), quote!(#said::Id));
    let known_event = known(&identity.event, event.clone(), quote!(#said::Event));
    // At what the user wrote, so that what is wrong with a type is told there.
    let (id, event) = (spanned(&identity.id, id, &quote!(Id)), spanned(&identity.event, event, &quote!(Event)));
    // What borrows cannot be an aggregate, which is told.
    let aggregate = (!identity.is_borrowed()).then(|| {
        quote! {
            #[automatically_derived]
            impl #generics #private::Aggregate for #name #arguments #bounds {
                type Id = #known_id;
                type Event = #known_event;

                const CATEGORY: &'static str = #category;
            }

            #[automatically_derived]
            impl #generics #private::generic::IsAggregateOf<'_, #known_event> for #name #arguments #bounds {}
        }
    });
    quote! {
        #aggregate

        #[automatically_derived]
        impl #generics #private::stand_in::Identified for #name #arguments #condition {}

        #[automatically_derived]
        impl #generics #private::generic::Said for #name #arguments #condition {
            #id
            #event
        }

        impl #generics #name #arguments #condition {
            #[doc(hidden)]
            pub const __IS_IDENTIFIED: #private::bool = true;

            #[doc(hidden)]
            pub const fn __id<__I>() -> #private::PhantomData<__I>
            where
                Self: #private::generic::Said<Id = __I>,
            {
                #private::PhantomData
            }

            #[doc(hidden)]
            pub const fn __events<__T, __E>() -> #private::PhantomData<__E>
            where
                Self: #private::generic::Said<Event = __E>,
            {
                #private::PhantomData
            }
        }

        #demands
    }
}

/// What an aggregate has to be, asked of what names a parameter.
fn expand_bounds(identity: &Identity<'_>) -> TokenStream {
    let (private, generics) = (identity.krate.private(), &identity.original.generics);
    let of_user = generics.where_clause.iter().flat_map(|condition| &condition.predicates);
    let named = |ty: &Option<Type>| ty.as_ref().is_some_and(|ty| mentions_any(generics, ty));
    let said = quote!(<Self as #private::generic::Said>);
    let id = named(&identity.id)
        .then(|| quote!(#said::Id: #private::Display + #private::Clone + #private::Send + #private::Sync + 'static,));
    let event = named(&identity.event).then(|| quote!(#said::Event: #private::Event,));
    quote! {
        where
            Self: #private::Default + #private::Send + #private::Sync + 'static,
            Self: #private::generic::Said,
            #id
            #event
            #(#of_user,)*
    }
}

fn spanned(written: &Option<Type>, ty: &TokenStream, name: &TokenStream) -> TokenStream {
    let span = written.as_ref().map_or_else(Span::call_site, Spanned::span);
    quote_spanned!(span=> type #name = #ty;)
}

fn expand_category(identity: &Identity<'_>) -> TokenStream {
    match &identity.category {
        Some(Name::Literal(literal)) => literal.to_token_stream(),
        Some(Name::Constant(constant)) => {
            let private = identity.krate.at(constant.span());
            quote_spanned!(constant.span()=> #private::category(#constant))
        }
        None => names::snake(&identity.original.ident).into_token_stream(),
    }
}
