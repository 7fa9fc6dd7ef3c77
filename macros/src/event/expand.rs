//! From model to code.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Fields, Ident, Member, Meta};

use super::model::{EventEnum, Field, Kind};
use crate::support::{serde, types};

pub(crate) fn expand(event: &EventEnum<'_>) -> TokenStream {
    let private = &event.krate.private();
    let name = &event.original.ident;
    let kinds = event.variants.iter().map(|kind| expand_kind(kind, private));
    let count = Literal::usize_unsuffixed(event.variants.len());
    let kind_arms = event.variants.iter().enumerate().map(|(at, kind)| {
        let (variant, at) = (&kind.original.ident, Literal::usize_unsuffixed(at));
        quote!(Self::#variant { .. } => &__KINDS[#at],)
    });
    let tags = expand_tags(event, private);
    let written = expand_written(event, private);
    let read = event.variants.iter().map(|kind| expand_read(event, kind));
    let read_arms = event.variants.iter().map(|kind| expand_read_arm(kind, private));
    quote! {
        #[allow(deprecated, reason = "what is deprecated is still stored")]
        const _: () = {
            static __KINDS: [#private::EventKind; #count] = [#(#kinds,)*];

            #written

            #(#read)*

            #[automatically_derived]
            impl #private::Event for #name {
                const KINDS: &'static [#private::EventKind] = &__KINDS;

                fn kind(&self) -> &'static #private::EventKind {
                    match self {
                        #(#kind_arms)*
                    }
                }

                #tags

                fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                    #private::Payload::json(&__Written(self))
                }

                fn from_payload(
                    __kind: &'static #private::EventKind,
                    __payload: &#private::Payload,
                ) -> #private::Result<Self, #private::PayloadError> {
                    match __kind.name {
                        #(#read_arms)*
                        _ => #private::Err(#private::foreign_kind(__kind)),
                    }
                }
            }
        };
    }
}

fn expand_kind(kind: &Kind<'_>, private: &TokenStream) -> TokenStream {
    let (name, aliases, upcasters) = (&kind.stored_name, &kind.aliases, &kind.version.upcasters);
    let version = Literal::u32_unsuffixed(kind.version.number);
    quote! {
        #private::EventKind { name: #name, version: #version, aliases: &[#(#aliases),*], upcasters: &[#(#upcasters),*] }
    }
}

/// The method `tags`; nothing if there are none, because the trait has a default.
fn expand_tags(event: &EventEnum<'_>, private: &TokenStream) -> TokenStream {
    let tagged = |kind: &&Kind<'_>| kind.fields.iter().any(|field| field.tag.is_some());
    let arms: Vec<_> = event.variants.iter().filter(tagged).map(|kind| expand_tags_arm(event, kind)).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    let rest = (arms.len() < event.variants.len()).then(|| quote!(_ => {}));
    quote! {
        fn tags(&self) -> #private::Result<#private::Vec<#private::Tag>, #private::InvalidTag> {
            let mut __tags = #private::Vec::new();
            match self {
                #(#arms)*
                #rest
            }
            #private::Ok(__tags)
        }
    }
}

fn expand_tags_arm(event: &EventEnum<'_>, kind: &Kind<'_>) -> TokenStream {
    let variant = &kind.original.ident;
    let tags = quote!(__tags);
    let fields: Vec<_> = kind.fields.iter().filter_map(|field| field.tag.as_ref().map(|tag| (field, tag))).collect();
    let members = fields.iter().map(|(field, _)| &field.member);
    let locals: Vec<_> = (0..fields.len()).map(|at| format_ident!("__field{at}")).collect();
    let calls = fields.iter().zip(&locals).map(|((field, tag), local)| {
        let key = &tag.key;
        let span = field.ty.span();
        let private = event.krate.at(span);
        if types::is_option(field.ty) {
            quote_spanned!(span=> #private::optional_tag(&mut #tags, #key, #local)?;)
        } else {
            quote_spanned!(span=> #private::tag(&mut #tags, #key, #local)?;)
        }
    });
    quote! {
        Self::#variant { #(#members: #locals,)* .. } => { #(#calls)* }
    }
}

/// The hidden enum that writes the fields of every variant as an object. It is a serde "remote" enum: it looks at
/// the user's fields where they are, so that `serialize_with` and `skip_serializing_if` get the very type.
fn expand_written(event: &EventEnum<'_>, private: &TokenStream) -> TokenStream {
    let name = &event.original.ident;
    let text = name.to_string();
    let path = event.krate.serde();
    let container = serde::container(&path, &written_metas(&event.serde));
    let variants = event.variants.iter().map(|kind| {
        let variant = &kind.original.ident;
        let serde = &kind.serde;
        let fields = expand_fields(event, kind);
        let fields = if kind.fields.is_empty() { quote!({}) } else { fields };
        quote!(#(#[serde(#serde)])* #variant #fields,)
    });
    quote! {
        #[derive(#private::serde::Serialize)]
        #container
        #[serde(remote = #text, untagged)]
        enum __Fields { #(#variants)* }

        struct __Written<'a>(&'a #name);

        #[automatically_derived]
        impl #private::serde::Serialize for __Written<'_> {
            fn serialize<__S: #private::serde::Serializer>(&self, __serializer: __S) -> #private::Result<__S::Ok, __S::Error> {
                __Fields::serialize(self.0, __serializer)
            }
        }
    }
}

/// Writing knows every variant, so `rename_all_fields` stays what it is; `deny_unknown_fields` is about reading.
fn written_metas(metas: &[Meta]) -> Vec<Meta> {
    metas.iter().filter(|meta| meta.path().is_ident("rename_all_fields")).cloned().collect()
}

/// The hidden struct that reads the fields of one variant.
fn expand_read(event: &EventEnum<'_>, kind: &Kind<'_>) -> TokenStream {
    let private = event.krate.private();
    let read = read_name(kind);
    let path = event.krate.serde();
    let container = serde::container(&path, &read_metas(event, kind));
    let fields = expand_fields(event, kind);
    let end = matches!(kind.original.fields, Fields::Unnamed(_)).then(|| quote!(;));
    let (fields, end) = if kind.fields.is_empty() { (quote!({}), None) } else { (fields, end) };
    quote! {
        #[derive(#private::serde::Deserialize)]
        #container
        struct #read #fields #end
    }
}

/// For one variant, `rename_all_fields` of the enum is `rename_all`; the variant's own comes first.
fn read_metas(event: &EventEnum<'_>, kind: &Kind<'_>) -> Vec<Meta> {
    let mut metas = kind.serde.clone();
    for meta in &event.serde {
        let mut meta = meta.clone();
        if meta.path().is_ident("rename_all_fields") {
            if !kind.serde.is_empty() {
                continue;
            }
            let word = Ident::new("rename_all", meta.span());
            match &mut meta {
                Meta::Path(path) => *path = word.into(),
                Meta::List(list) => list.path = word.into(),
                Meta::NameValue(pair) => pair.path = word.into(),
            }
        } else if matches!(kind.original.fields, Fields::Unnamed(_)) {
            // Unknown fields are the business of the struct that the variant holds.
            continue;
        }
        metas.push(meta);
    }
    metas
}

fn expand_read_arm(kind: &Kind<'_>, private: &TokenStream) -> TokenStream {
    let (variant, name, read) = (&kind.original.ident, &kind.stored_name, read_name(kind));
    let members = kind.fields.iter().map(|field| &field.member);
    let values = kind.fields.iter().map(|field| &field.member);
    let local = if kind.fields.is_empty() { quote!(_) } else { quote!(__read) };
    quote! {
        #name => #private::Result::map(
            #private::Payload::read::<#read>(__payload),
            |#local| Self::#variant { #(#members: __read.#values),* },
        ),
    }
}

/// The fields as the user wrote them, with their serde attributes and without the rest.
fn expand_fields(event: &EventEnum<'_>, kind: &Kind<'_>) -> TokenStream {
    let fields = kind.fields.iter().map(|Field { member, ty, serde, .. }| {
        let ty = serde::without_self(ty.to_token_stream(), &event.original.ident.to_token_stream());
        match member {
            Member::Named(name) => quote!(#(#serde)* #name: #ty,),
            Member::Unnamed(_) => quote!(#(#serde)* #ty),
        }
    });
    match kind.original.fields {
        Fields::Unnamed(_) => quote!((#(#fields)*)),
        _ => quote!({ #(#fields)* }),
    }
}

fn read_name(kind: &Kind<'_>) -> Ident {
    format_ident!("__Read{}", kind.original.ident.unraw())
}
