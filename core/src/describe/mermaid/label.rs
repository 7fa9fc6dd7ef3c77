//! Names and texts as Mermaid takes them.

use std::collections::BTreeMap;

/// A text inside a label, on one line. What could mean something to Mermaid, Markdown or HTML is written as its number.
pub(super) fn escaped(text: &str) -> String {
    let words: Vec<&str> = text.split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let characters: Vec<char> = text.chars().collect();
    let is_word = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|it: &char| it.is_alphanumeric());
    let mut escaped = String::with_capacity(text.len());
    for (at, &character) in characters.iter().enumerate() {
        let before = at.checked_sub(1);
        let is_plain = match character {
            ' ' => true,
            // `_so_` is emphasis.
            '_' => is_word(before) && is_word(Some(at + 1)),
            // `$$…$$` is a formula.
            '$' => before.and_then(|at| characters.get(at)) != Some(&'$') && is_word(Some(at + 1)),
            // `1. first` is a list.
            '.' if characters[..at].iter().all(char::is_ascii_digit) => false,
            '.' | ',' | '/' | '!' | '?' | '\'' | '-' => is_word(before),
            _ => character.is_alphanumeric() || !character.is_ascii(),
        };
        if is_plain {
            escaped.push(character);
        } else {
            escaped.push_str(&format!("#{};", u32::from(character)));
        }
    }
    escaped
}

/// A label of several lines, each escaped, in quotes.
pub(super) fn label<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    let lines: Vec<_> = lines.into_iter().map(|line| escaped(line.as_ref())).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { "\" \"".into() } else { format!("\"{}\"", lines.join("<br/>")) }
}

/// The identity of something of a kind, such as `saga_checkout`: none is a word of Mermaid. Names that are words keep apart.
pub(super) fn id(kind: &str, name: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    format!("{kind}_{}", name.chars().map(plain).collect::<String>())
}

/// The identities of things whose names need not be words: each is given once.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeMap<String, usize>);

impl Ids {
    /// A new identity for something of a kind.
    pub(super) fn new_id(&mut self, kind: &str, name: &str) -> String {
        let mut id = id(kind, name);
        loop {
            let taken = self.0.entry(id.clone()).or_default();
            *taken += 1;
            match *taken {
                1 => return id,
                number => id = format!("{id}_{number}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_written_as_they_are() {
        for name in ["order.placed", "book_courier", "stock 3", "3 of P003 wanted, 2.5 left", "주문-17", "Jeju, East Islet 1"] {
            assert_eq!(escaped(name), name);
        }
    }

    #[test]
    fn what_means_something_is_written_as_a_number() {
        let cases = [
            (r#"say "no""#, "say #34;no#34;"),
            ("a --> b", "a #45;#45;#62; b"),
            ("%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"),
            ("1. one", "1#46; one"),
            ("- one", "#45; one"),
            ("_so_", "#95;so#95;"),
            ("two\nlines\u{2028}and \u{7}a bell", "two lines and a bell"),
            ("<b>&amp;#x;", "#60;b#62;#38;amp#59;#35;x#59;"),
            ("$saga costs $5, $$x$$", "$saga costs $5, #36;#36;x#36;#36;"),
            ("`[{(|)}]`", "#96;#91;#123;#40;#124;#41;#125;#93;#96;"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
        assert_eq!(label(["a", "\n", "b"]), "\"a<br/>b\"");
        assert_eq!(label([""]), "\" \"");
    }

    #[test]
    fn no_identity_is_given_twice() {
        let mut ids = Ids::default();
        let given: Vec<_> = ["a.b", "a_b", "a_b_2", "a-b", "a.b"].map(|name| ids.new_id("event", name)).into();
        assert_eq!(given, ["event_a_b", "event_a_b_2", "event_a_b_2_2", "event_a_b_3", "event_a_b_4"]);
    }

    proptest! {
        #[test]
        fn nothing_in_an_escaped_text_means_something(text: String) {
            let escaped = escaped(&text);
            for character in escaped.chars().filter(char::is_ascii) {
                prop_assert!(character.is_ascii_alphanumeric() || " #;_.,/!?'-$".contains(character), "{escaped:?}");
            }
            let plain = escaped.split('#').skip(1).all(|rest| {
                rest.split_once(';').is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()))
            });
            prop_assert!(plain, "{escaped:?}");
            prop_assert!(!escaped.contains("--") && !escaped.contains("$$") && !escaped.contains("  ") && !escaped.contains('\n'));
            // Nothing was lost but space.
            let numbers = escaped.split('#').enumerate().map(|(at, part)| match part.split_once(';') {
                Some((number, rest)) if at > 0 => {
                    let character = number.parse().ok().and_then(char::from_u32).unwrap_or_default();
                    format!("{character}{rest}")
                }
                _ => part.to_owned(),
            });
            let is_space = |character: &char| character.is_whitespace() || character.is_control();
            let without = |text: &str| text.chars().filter(|character| !is_space(character)).collect::<String>();
            prop_assert_eq!(without(&numbers.collect::<String>()), without(&text));
        }
    }
}
