//! Names as they are stored: from identifiers, and checked.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, LitStr};

/// A name as the user says it: `"order"`, or a constant such as `T::NAME`, which is checked when it is known.
pub(crate) enum Name {
    Literal(LitStr),
    Constant(Expr),
}

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) { input.parse().map(Self::Literal) } else { input.parse().map(Self::Constant) }
    }
}

/// The longest name of an event or command, in bytes.
pub(crate) const MAX_NAME: usize = 128;
/// The longest name of a category or projection, in bytes.
pub(crate) const MAX_WORD: usize = 64;

/// `OrderPlaced` → `order_placed`, `HTTPCall` → `http_call`, `r#type` → `type`.
pub(crate) fn snake(ident: &Ident) -> String {
    let text = ident.unraw().to_string();
    let letters: Vec<char> = text.chars().collect();
    let mut name = String::with_capacity(text.len() + 4);
    for (at, &letter) in letters.iter().enumerate() {
        let starts_word = letter.is_uppercase()
            && at > 0
            && letters[at - 1] != '_'
            && (!letters[at - 1].is_uppercase() || letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if starts_word {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// `place_order` → `PlaceOrder`.
pub(crate) fn pascal(ident: &Ident) -> String {
    let text = ident.unraw().to_string();
    let words = text.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

/// Whether `text` is `[a-z][a-z0-9_]*`.
pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether `text` is one or more words separated by dots.
pub(crate) fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn an_identifier_becomes_words() {
        let snake = |text: &str| snake(&Ident::new(text, Span::call_site()));
        assert_eq!(snake("Placed"), "placed");
        assert_eq!(snake("OrderPlaced"), "order_placed");
        assert_eq!(snake("HTTPCall"), "http_call");
        assert_eq!(snake("Line2Added"), "line2_added");
        assert_eq!(snake("already_snake"), "already_snake");
        assert_eq!(super::snake(&Ident::new_raw("type", Span::call_site())), "type");
    }

    #[test]
    fn words_become_an_identifier() {
        let pascal = |text: &str| pascal(&Ident::new(text, Span::call_site()));
        assert_eq!(pascal("deposit"), "Deposit");
        assert_eq!(pascal("place_order"), "PlaceOrder");
        assert_eq!(pascal("_unused"), "Unused");
    }
}
