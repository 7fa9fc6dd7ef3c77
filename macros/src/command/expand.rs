//! From model to code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Meta, parse_quote};

use super::model::{CommandStruct, Field};
use crate::support::serde;

pub(crate) fn expand(command: &CommandStruct<'_>, id: &syn::Field) -> TokenStream {
    let private = command.krate.private();
    let (name, stored_name) = (&command.original.ident, &command.stored_name);
    let (id, id_ty) = (&id.ident, &id.ty);
    // At the name: that the type is private, the `impl` that handles the command says there, too.
    let associated = quote_spanned!(name.span()=> type Id = #id_ty;);
    let form = expand_form(command, &private);
    let this = quote!(self);
    let clones = command.fields.iter().map(|Field { original, ty, .. }| {
        let field = &original.ident;
        let private = command.krate.at(ty.span());
        quote_spanned!(ty.span()=> #field: #private::Clone::clone(&#this.#field),)
    });
    quote! {
        #[allow(deprecated, reason = "what is deprecated is still sent")]
        const _: () = {
            #form

            #[automatically_derived]
            impl #private::Command for #name {
                #associated

                const NAME: &'static str = #stored_name;

                fn id(&self) -> &Self::Id {
                    &self.#id
                }

                fn duplicate(&self) -> Self {
                    Self { #(#clones)* }
                }

                fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                    #private::write(|__writer| __Fields::serialize(self, __writer))
                }

                fn decode(__payload: &#private::Payload) -> #private::Result<Self, #private::PayloadError> {
                    #private::read(__payload, |__reader| __Fields::deserialize(__reader))
                }
            }
        };
    }
}

/// The hidden struct that writes and reads the fields. It is a serde "remote" struct: it looks at the user's fields
/// where they are, so that the functions that serde attributes name get the very type.
fn expand_form(command: &CommandStruct<'_>, private: &TokenStream) -> TokenStream {
    let name = &command.original.ident;
    let text = name.to_string();
    let path = command.krate.serde();
    let metas: Vec<_> = command.serde.iter().map(|meta| container_meta(meta, command)).collect();
    let container = serde::container(&path, &metas);
    let fields = command.fields.iter().map(|Field { original, ty, serde }| {
        let (field, ty) = (&original.ident, serde::without_self(ty.to_token_stream(), &name.to_token_stream()));
        quote!(#(#serde)* #field: #ty,)
    });
    quote! {
        #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
        #container
        #[serde(remote = #text)]
        struct __Fields { #(#fields)* }
    }
}

/// `default` alone would ask the hidden struct for its default, so it is said whose is meant.
fn container_meta(meta: &Meta, command: &CommandStruct<'_>) -> Meta {
    match meta {
        Meta::Path(path) if path.is_ident("default") => {
            let (name, private) = (&command.original.ident, command.krate.private());
            let function = quote!(<#name as #private::Default>::default).to_string();
            parse_quote!(default = #function)
        }
        other => other.clone(),
    }
}
