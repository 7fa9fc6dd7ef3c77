//! A block with methods under conditions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, Ident};

use super::{Block, Method};
use crate::support::attr;
use crate::support::conditions::{Uncertain, is_condition};

impl Block {
    /// Whether the compiler has to decide on it, or on a marked method, before it can be read.
    pub(crate) fn is_conditional(&self) -> bool {
        self.attributes.iter().any(is_condition) || self.possibly_marked().any(Method::is_conditional)
    }

    /// The methods that may be missed when the conditions are decided.
    pub(crate) fn uncertain(&self) -> Vec<Uncertain> {
        let methods = self.possibly_marked().filter(|method| method.attributes.iter().any(is_condition));
        let uncertain = methods.flat_map(|method| {
            let marks = method.words();
            marks.map(|mark| Uncertain { method: method.signature.ident.clone(), mark })
        });
        uncertain.collect()
    }

    /// What is read of the block: the marked methods, without their bodies.
    pub(crate) fn outline(&self) -> TokenStream {
        let Self { attributes, impl_token, generics, self_ty, .. } = self;
        let (condition, methods) = (&generics.where_clause, self.possibly_marked().map(Method::outline));
        quote!(#(#attributes)* #impl_token #generics #self_ty #condition { #(#methods)* })
    }

    /// The block that the conditions leave.
    pub(crate) fn with_absent(mut self, uncertain: Vec<Uncertain>) -> Self {
        let is_there = |uncertain: &Uncertain| {
            let mut methods = self.methods().filter(|method| method.signature.ident == uncertain.method);
            methods.any(|method| method.marks.iter().any(|mark| attr::is(mark, &uncertain.mark.to_string())))
        };
        self.absent = uncertain.into_iter().filter(|uncertain| !is_there(uncertain)).collect();
        self
    }

    /// The methods that do not exist, although they were written with one of these marks.
    pub(crate) fn absent(&self, marks: &[&str]) -> impl Iterator<Item = &Ident> {
        let absent = self.absent.iter().filter(|absent| marks.iter().any(|mark| absent.mark == mark));
        absent.map(|absent| &absent.method)
    }

    /// Goes on after the message that something is missing, if it was written.
    pub(crate) fn but_absent(&self, marks: &[&str]) -> String {
        let absent = self.absent(marks).next();
        absent.map(|method| format!("; `{method}` is there under a condition, which does not hold")).unwrap_or_default()
    }

    fn possibly_marked(&self) -> impl Iterator<Item = &Method> {
        self.methods().filter(|method| method.words().next().is_some())
    }
}

impl Method {
    fn is_conditional(&self) -> bool {
        let of_parameters = self.signature.inputs.iter().flat_map(|input| match input {
            FnArg::Typed(parameter) => &parameter.attrs,
            FnArg::Receiver(receiver) => &receiver.attrs,
        });
        self.attributes.iter().chain(of_parameters).any(is_condition)
    }

    fn outline(&self) -> TokenStream {
        let Self { marks, attributes, visibility, signature, body: _ } = self;
        quote!(#(#marks)* #(#attributes)* #visibility #signature {})
    }
}
