//! Descriptions as [Mermaid](https://mermaid.js.org).

mod application;
mod history;
mod label;
mod saga;

use label::{Ids, escaped, id, label};

/// The lines of a diagram.
#[derive(Debug)]
struct Drawing {
    text: String,
    ids: Ids,
}

impl Drawing {
    fn new(kind: &str) -> Self {
        Self { text: format!("{kind}\n"), ids: Ids::default() }
    }

    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str("    ");
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }
}

/// The last part of each path in the name of a type: `Arc<dyn Gateway>` of `alloc::sync::Arc<dyn shop::Gateway>`.
fn without_paths(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for character in name.chars() {
        if character.is_alphanumeric() || "_:{}#".contains(character) {
            word.push(character);
        } else {
            short.push_str(last(&word));
            word.clear();
            short.push(character);
        }
    }
    short.push_str(last(&word));
    short
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The texts in order, each once.
fn distinct<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut distinct = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_shown_without_their_paths() {
        let cases = [
            ("shop::courier::Courier", "Courier"),
            ("alloc::sync::Arc<dyn shop::Gateway>", "Arc<dyn Gateway>"),
            ("(u8, core::option::Option<a::b::C>)", "(u8, Option<C>)"),
            ("u8", "u8"),
        ];
        for (name, expected) in cases {
            assert_eq!(without_paths(name), expected);
        }
    }
}
