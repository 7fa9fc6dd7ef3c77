//! From model to code.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Type};

use super::super::folded::expand::{expand_demands, expand_filter, version};
use super::super::model::{Marked, Other, Projection, Setup};
use crate::support::types::{parameters, returned};

pub(crate) fn expand(projection: &Projection<'_>) -> TokenStream {
    let private = &projection.krate.private();
    let sqlite = quote!(#private::sqlite);
    let self_ty = &projection.block.self_ty;
    let (constants, demands) = expand_demands(projection);
    let (name, version) = (&projection.name, version(projection));
    let filter = expand_filter(projection);
    let setup = projection.setups.first().map(|setup| expand_setup(projection, setup));
    let applies: TokenStream = projection.events().map(|(on, event)| expand_apply(projection, on, event)).collect();
    let returns = quote!(#private::Result<(), #sqlite::SqliteProjectionError>);
    quote! {
        #constants

        #[automatically_derived]
        impl #sqlite::SqliteProjection for #self_ty where #(#demands)* {
            fn name(&self) -> #private::ViewName {
                const { #private::ViewName::from_static(#name) }
            }

            fn version(&self) -> u32 {
                #version
            }

            fn filter(&self) -> #private::Filter {
                #filter
            }

            fn setup(&self, __tx: &#sqlite::Transaction<'_>) -> #returns {
                #setup
            }

            fn apply(&self, __event: &#private::RecordedEvent, __tx: &#sqlite::Transaction<'_>) -> #returns {
                #applies
                #private::Ok(())
            }
        }
    }
}

fn expand_setup(projection: &Projection<'_>, setup: &Setup<'_>) -> TokenStream {
    let signature = &setup.method.signature;
    let method = &signature.ident;
    let this = matches!(signature.inputs.first(), Some(FnArg::Receiver(_))).then(|| quote!(self,));
    let tx = parameters(signature).into_iter().map(|ty| quote_spanned!(ty.span()=> __tx));
    outcome(projection, returned(signature), &quote!(Self::#method(#this #(#tx)*)))
}

fn expand_apply(projection: &Projection<'_>, on: &Marked<'_>, event: &Type) -> TokenStream {
    let private = projection.krate.at(event.span());
    let (this, record) = (quote!(self), quote!(__event));
    let method = &on.method.signature.ident;
    let others = on.others.iter().map(|(other, ty)| match other {
        // A type of that name from elsewhere is told where it is written.
        Other::Transaction => quote_spanned!(ty.span()=> __tx),
        Other::Context | Other::Key | Other::Unknown => quote!(&__context),
    });
    let call = quote_spanned!(event.span()=> Self::#method(#this, &__content, #(#others),*));
    let outcome = outcome(projection, returned(&on.method.signature), &call);
    quote_spanned! {event.span()=>
        if #private::holds::<#event>(#record) {
            let __content = #private::RecordedEvent::decode::<#event>(#record)?;
            let __context = #private::EventContext::new(#record);
            return #outcome;
        }
    }
}

/// What the user's method came to, in the terms of the store.
fn outcome(projection: &Projection<'_>, ty: Option<&Type>, call: &TokenStream) -> TokenStream {
    let Some(ty) = ty else { return TokenStream::new() };
    let (private, into) = (projection.krate.private(), projection.krate.at(ty.span()));
    let written = quote_spanned!(ty.span()=> #into::IntoWritten::into_written(#call));
    quote!(#private::Result::map_err(#written, #private::sqlite::SqliteProjectionError::failed))
}
