//! The user's `#[allow]` and `#[expect]`, which hold for what is generated, too: some of it repeats what the user wrote.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta, parse_quote};

/// The levels of lints that are said here. What is expected is expected of the user's item alone; what repeats it is allowed
/// the same.
pub(crate) fn levels(attributes: &[Attribute]) -> Vec<Attribute> {
    let levels = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::List(list) if ["allow", "expect", "warn", "deny"].iter().any(|word| list.path.is_ident(word)) => {
            let (path, lints) = (&list.path, &list.tokens);
            let path = if path.is_ident("expect") { quote!(allow) } else { quote!(#path) };
            Some(parse_quote!(#[#path(#lints)]))
        }
        _ => None,
    });
    levels.collect()
}

/// What is generated besides the user's item, with a scope of its own. It names what the user named, who answers for it there.
pub(crate) fn judged_elsewhere(attributes: &[Attribute], generated: &TokenStream) -> TokenStream {
    let levels = levels(attributes);
    quote! {
        #(#levels)*
        #[allow(deprecated, unexpected_cfgs, unused_qualifications, reason = "judged elsewhere")]
        const _: () = {
            #generated
        };
    }
}
