//! What generated code asks of a generic type.
//!
//! A bound is asked of the type of a field, as it is written there, if the type names a parameter: `T: Content` for
//! `item: T`, `Id<T>: Content` for `item: Id<T>`. That is never too much and never too little, so that `#[serde(bound)]`,
//! which counts as it does in serde, is seldom needed. A type without parameters is left to the compiler.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{DeriveInput, Field, Generics, Ident, Meta, Path, Type, TypePath, WherePredicate, parse_quote};

use super::serde::{self, Said};
use super::{Held, Krate};

pub(crate) struct Bounds<'a> {
    input: &'a DeriveInput,
    krate: &'a Krate,
    params: Vec<&'a Ident>,
    inferred: Vec<(Type, Vec<TokenStream>)>,
    said: Vec<WherePredicate>,
    /// The halves that the user said for the whole type.
    whole: Said,
    /// What serde has to know, but is no parameter's.
    held: Held<'a>,
}

impl<'a> Bounds<'a> {
    /// The bounds of a type with these attributes of serde.
    pub(crate) fn new(input: &'a DeriveInput, krate: &'a Krate, serde: &[Meta]) -> Self {
        let params = parameters(&input.generics);
        let (inferred, said, whole) = (Vec::new(), Vec::new(), Said::default());
        let mut bounds = Self { input, krate, params, inferred, said, whole, held: Held::default() };
        bounds.whole = bounds.said(serde);
        bounds
    }

    /// Takes the bounds that attributes of serde say, and tells for which halves.
    pub(crate) fn said(&mut self, serde: &[Meta]) -> Said {
        let mut said = Said::default();
        for (halves, text) in serde::bounds(serde) {
            said = said.and(halves);
            self.said.extend(text.parse_with(serde::predicates).into_iter().flatten().map(for_every_input));
        }
        said
    }

    /// Asks what serde needs of a field, unless `outer`, the variant that it is in, says it.
    pub(crate) fn serde(&mut self, field: &'a Field, metas: &[Meta], outer: Said) {
        let ty = &field.ty;
        let said = self.said(metas).and(outer).and(self.whole);
        let with = |keys: &[&str]| metas.iter().any(|meta| keys.iter().any(|key| meta.path().is_ident(key)));
        let private = self.krate.at(ty.span());
        let skipped = with(&["skip", "skip_deserializing"]);
        let written = !said.written && !with(&["skip", "skip_serializing", "with", "serialize_with"]);
        let read = !said.read && !skipped && !with(&["with", "deserialize_with"]);
        match (written, read) {
            (true, true) if !mentions(&self.params, ty) => self.held.add(field),
            (true, true) => self.need(ty, quote_spanned!(ty.span()=> #private::Content)),
            (true, false) => self.need(ty, quote_spanned!(ty.span()=> #private::serde::Serialize)),
            (false, true) => self.need(ty, quote_spanned!(ty.span()=> #private::serde::de::DeserializeOwned)),
            (false, false) => {}
        }
        let default = metas.iter().find(|meta| meta.path().is_ident("default"));
        if !self.whole.read && default.map_or(skipped, |default| matches!(default, Meta::Path(_))) {
            self.need(ty, quote_spanned!(ty.span()=> #private::Default));
        }
    }

    /// Asks `bound` of a type, if it names a parameter.
    pub(crate) fn need(&mut self, ty: &Type, bound: TokenStream) {
        if self.params.is_empty() || !mentions(&self.params, ty) {
            return;
        }
        match self.inferred.iter_mut().find(|(known, _)| known == ty) {
            Some((_, known)) if known.iter().any(|known| known.to_string() == bound.to_string()) => {}
            Some((_, known)) => known.push(bound),
            None => self.inferred.push((ty.clone(), vec![bound])),
        }
    }

    /// Asks that the whole type has a default.
    pub(crate) fn need_default(&mut self) {
        let (this, private) = (self.this(), self.krate.private());
        self.need(&parse_quote!(#this), quote!(#private::Default));
    }

    /// The type with its parameters.
    pub(crate) fn this(&self) -> TokenStream {
        let (name, (_, arguments, _)) = (&self.input.ident, self.input.generics.split_for_impl());
        quote!(#name #arguments)
    }

    /// All bounds, for a hidden type with the same parameters.
    pub(crate) fn of_form(&self) -> TokenStream {
        let predicates = self.predicates();
        if predicates.is_empty() { predicates } else { quote!(where #predicates) }
    }

    /// All bounds, for an `impl` that is for values which live as long as they like, on any thread, and are `more`.
    pub(crate) fn of_impl(&self, more: &TokenStream) -> TokenStream {
        let (mut predicates, private) = (self.predicates(), self.krate.private());
        if self.input.generics.type_params().next().is_some() {
            predicates.extend(quote!(Self: #more #private::Send + #private::Sync + 'static));
        }
        if predicates.is_empty() { predicates } else { quote!(where #predicates) }
    }

    /// What serde needs to know besides, in the form of `#[serde(bound = "…")]`.
    pub(crate) fn of_serde(&self) -> String {
        self.held.condition(self.krate)
    }

    /// What stands beside the hidden type.
    pub(crate) fn demands(&self) -> TokenStream {
        self.held.demands(self.krate)
    }

    fn predicates(&self) -> TokenStream {
        let of_user = self.input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let inferred = self.inferred.iter().map(|(ty, bounds)| quote!(#ty: #(#bounds)+*));
        let said = self.said.iter().map(ToTokens::to_token_stream);
        let all = of_user.map(ToTokens::to_token_stream).chain(inferred).chain(said);
        serde::without_self(quote!(#(#all,)*), &self.this())
    }
}

/// serde says `T: Deserialize<'de>` where it reads; whoever calls it needs that for every `'de`. The lifetime gets another
/// name, because serde's own `impl` has a `'de`.
fn for_every_input(predicate: WherePredicate) -> WherePredicate {
    let tokens = predicate.to_token_stream();
    let renamed = serde::replaced(tokens.clone(), "de", &quote!(__de));
    match syn::parse2(renamed.clone()) {
        Ok(WherePredicate::Type(mut of_type)) if of_type.lifetimes.is_none() && renamed.to_string() != tokens.to_string() => {
            of_type.lifetimes = Some(parse_quote!(for<'__de>));
            WherePredicate::Type(of_type)
        }
        _ => predicate,
    }
}

/// The names of the parameters, without lifetimes.
pub(crate) fn parameters(generics: &Generics) -> Vec<&Ident> {
    let types = generics.type_params().map(|param| &param.ident);
    types.chain(generics.const_params().map(|param| &param.ident)).collect()
}

/// Whether a type names one of the parameters.
pub(crate) fn mentions_any(generics: &Generics, ty: &Type) -> bool {
    mentions(&parameters(generics), ty)
}

/// Whether a type names a parameter, or `Self`, which may have some.
fn mentions(params: &[&Ident], ty: &Type) -> bool {
    let mut mentions = Mentions { params, found: false };
    mentions.visit_type(ty);
    mentions.found
}

struct Mentions<'a> {
    params: &'a [&'a Ident],
    found: bool,
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        // It has every bound whatever it is for.
        if path.path.segments.last().is_none_or(|last| last.ident != "PhantomData") {
            visit::visit_type_path(self, path);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let first = path.segments.first().filter(|_| path.leading_colon.is_none());
        self.found |= first.is_some_and(|first| first.ident == "Self" || self.params.contains(&&first.ident));
        visit::visit_path(self, path);
    }
}
