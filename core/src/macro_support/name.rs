//! Names of which a part is a constant of the user: they are put together and checked when the program is compiled.

use crate::EventName;
use crate::text::{is_dotted, is_word};

/// The name of a kind of event.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    bytes: [u8; EventName::MAX_LEN],
    len: usize,
}

impl Name {
    /// Puts names together, each of the first part, a dot and another.
    ///
    /// # Panics
    /// If the first part is none, which is an error of the compiler where it is a constant.
    pub const fn all<const N: usize>(first: &str, others: [&str; N]) -> [Self; N] {
        assert!(
            is_dotted(first),
            "the first part of the names of events consists of words of lower-case letters, digits and `_`, separated by dots"
        );
        let mut names = [Self { bytes: [0; EventName::MAX_LEN], len: 0 }; N];
        let mut at = 0;
        while at < N {
            names[at].add(first.as_bytes());
            names[at].add(b".");
            names[at].add(others[at].as_bytes());
            at += 1;
        }
        names
    }

    const fn add(&mut self, text: &[u8]) {
        let mut at = 0;
        while at < text.len() {
            assert!(self.len < self.bytes.len(), "the name of an event has at most 128 bytes");
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
    }

    /// The name as text.
    ///
    /// # Panics
    /// Never: it consists of letters.
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(name) => name,
            Err(_) => unreachable!(),
        }
    }
}

/// The category of an aggregate.
///
/// # Panics
/// If it is none, which is an error of the compiler where the category is a constant.
pub const fn category(category: &'static str) -> &'static str {
    assert!(
        is_word(category.as_bytes()) && category.len() <= crate::Category::MAX_LEN,
        "`#[aggregate(category = …)]` consists of lower-case letters, digits and `_`, starts with a letter and has at most 64 bytes"
    );
    category
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [Name; 2] = Name::all("shop.book", ["listed", "sold"]);

    #[test]
    fn names_are_put_together_of_their_parts() {
        const LISTED: &str = NAMES[0].as_str();
        assert_eq!((LISTED, NAMES[1].as_str()), ("shop.book.listed", "shop.book.sold"));
        assert_eq!(Name::all(&"a".repeat(126), ["b"])[0].as_str().len(), EventName::MAX_LEN);
    }

    #[test]
    #[should_panic(expected = "words of lower-case letters")]
    fn a_first_part_that_is_no_name_is_refused() {
        let _names = Name::all("Book", ["listed"]);
    }

    #[test]
    #[should_panic(expected = "at most 128 bytes")]
    fn a_name_that_is_too_long_is_refused() {
        let _names = Name::all(&"a".repeat(127), ["b"]);
    }

    #[test]
    #[should_panic(expected = "at most 64 bytes")]
    fn a_category_that_is_none_is_refused() {
        let _category = category("shop.book");
    }
}
