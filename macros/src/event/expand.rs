//! From model to code.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Fields, Member};

use super::model::{EventEnum, Field, Kind};
use crate::support::bounds::parameters;
use crate::support::names::Name;
use crate::support::{Bounds, lints, serde, types};

pub(crate) fn expand(event: &EventEnum<'_>) -> TokenStream {
    let private = &event.krate.private();
    let name = &event.original.ident;
    let kinds = expand_kinds(event, private);
    let kind_arms = event.variants.iter().enumerate().map(|(at, kind)| {
        let (variant, at) = (&kind.original.ident, Literal::usize_unsuffixed(at));
        quote!(Self::#variant { .. } => &Self::KINDS[#at],)
    });
    let tags = expand_tags(event, private);
    let bounds = bounds(event, private);
    let form = expand_form(event, &bounds, private);
    let (generics, arguments, _) = event.original.generics.split_for_impl();
    let condition = bounds.of_impl(&TokenStream::new());
    let said = expand_said(event);
    let generated = quote! {
        #form

        #[automatically_derived]
        impl #generics #private::Event for #name #arguments #condition {
            const KINDS: &'static [#private::EventKind] = #kinds;

            fn kind(&self) -> &'static #private::EventKind {
                match self {
                    #(#kind_arms)*
                }
            }

            #tags

            fn encode(&self) -> #private::Result<#private::Payload, #private::EncodeError> {
                #private::write_variant(|__writer| __Fields::serialize(self, __writer))
            }

            fn from_payload(
                __kind: &'static #private::EventKind,
                __payload: &#private::Payload,
            ) -> #private::Result<Self, #private::PayloadError> {
                #private::read_variant(Self::KINDS, __kind, __payload, |__variant| __Fields::deserialize(__variant))
            }
        }

        #said
    };
    lints::judged_elsewhere(&event.original.attrs, &generated)
}

/// What is said whatever the parameters are, for aggregates that have them, too.
pub(crate) fn expand_said(event: &EventEnum<'_>) -> TokenStream {
    if parameters(&event.original.generics).is_empty() {
        return TokenStream::new();
    }
    let (private, name) = (event.krate.private(), &event.original.ident);
    let (generics, arguments, condition) = event.original.generics.split_for_impl();
    quote! {
        impl #generics #name #arguments #condition {
            #[doc(hidden)]
            pub const fn __is_event() -> #private::bool {
                true
            }
        }
    }
}

/// What the fields of every variant need.
fn bounds<'a>(event: &'a EventEnum<'_>, private: &TokenStream) -> Bounds<'a> {
    let mut bounds = Bounds::new(event.original, &event.krate, &event.serde);
    for kind in &event.variants {
        let said = bounds.said(&kind.serde);
        for field in &kind.fields {
            bounds.serde(field.original, &field.serde, said);
            if field.tag.is_some() {
                let shown = types::optional(field.ty).unwrap_or(field.ty);
                bounds.need(shown, quote!(#private::Display));
            }
        }
    }
    bounds
}

fn expand_kinds(event: &EventEnum<'_>, private: &TokenStream) -> TokenStream {
    let mut seconds: Vec<&str> = Vec::new();
    let kinds: Vec<_> = event
        .variants
        .iter()
        .map(|kind| {
            let (name, aliases, upcasters) = (&kind.stored_name, &kind.aliases, &kind.version.upcasters);
            let name = if kind.is_second {
                seconds.push(name);
                let at = Literal::usize_unsuffixed(seconds.len() - 1);
                quote!(__names[#at].as_str())
            } else {
                quote!(#name)
            };
            let version = Literal::u32_unsuffixed(kind.version.number);
            quote!(#private::EventKind { name: #name, version: #version, aliases: &[#(#aliases),*], upcasters: &[#(#upcasters),*] })
        })
        .collect();
    match &event.name {
        Some(Name::Constant(first)) => {
            let private = event.krate.at(first.span());
            let names = quote_spanned!(first.span()=> const { &#private::Name::all(#first, [#(#seconds),*]) });
            quote!({ let __names = #names; &[#(#kinds),*] })
        }
        _ => quote!(&[#(#kinds),*]),
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
        if types::optional(field.ty).is_some() {
            quote_spanned!(span=> #private::optional_tag(&mut #tags, #key, #local)?;)
        } else {
            quote_spanned!(span=> #private::tag(&mut #tags, #key, #local)?;)
        }
    });
    quote! {
        Self::#variant { #(#members: #locals,)* .. } => { #(#calls)* }
    }
}

/// The hidden enum that writes and reads the fields of every variant. It is a serde "remote" enum: it looks at the
/// user's fields where they are, so that the functions that serde attributes name get the very type. A variant without
/// fields has an empty list of them here, so that its body is an object like any other.
fn expand_form(event: &EventEnum<'_>, bounds: &Bounds<'_>, private: &TokenStream) -> TokenStream {
    let container = serde::container(&event.krate, &event.original.ident, &bounds.of_serde(), &event.serde);
    let (generics, condition) = (event.original.generics.split_for_impl().0, bounds.of_form());
    let (this, demands) = (bounds.this(), bounds.demands());
    let variants = event.variants.iter().map(|kind| {
        let (variant, serde, fields) = (&kind.original.ident, serde::member(&kind.serde), expand_fields(kind, &this));
        let levels = lints::levels(&kind.original.attrs);
        quote!(#(#levels)* #serde #variant #fields,)
    });
    quote! {
        #demands

        #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
        #container
        enum __Fields #generics #condition { #(#variants)* }
    }
}

/// The fields as the user wrote them, with their serde attributes and without the rest.
fn expand_fields(kind: &Kind<'_>, this: &TokenStream) -> TokenStream {
    let fields = kind.fields.iter().map(|Field { original, member, ty, serde, .. }| {
        let (ty, serde) = (serde::without_self(ty.to_token_stream(), this), serde::member(serde));
        let levels = lints::levels(&original.attrs);
        match member {
            Member::Named(name) => quote!(#(#levels)* #serde #name: #ty,),
            Member::Unnamed(_) => quote!(#(#levels)* #serde #ty),
        }
    });
    match kind.original.fields {
        Fields::Unnamed(_) if !kind.fields.is_empty() => quote!((#(#fields)*)),
        _ => quote!({ #(#fields)* }),
    }
}
