use crate::text::{Text, is_dotted, name};

name! {
    /// The stored name of a kind of event, such as `order.placed`: words `[a-z][a-z0-9_]*` separated by dots.
    ///
    /// Names that start with `$` are kept for Annals itself.
    EventName, InvalidEventName,
    "an event name consists of words of lower-case letters, digits and `_`, separated by dots",
    max = 128,
    |text| is_dotted(text.strip_prefix('$').unwrap_or(text))
}

impl EventName {
    /// Whether it is the name of an event of Annals itself, which starts with `$`.
    pub fn is_system(&self) -> bool {
        self.as_str().starts_with('$')
    }

    /// Takes a name that is part of the program and was checked when it was compiled.
    #[doc(hidden)]
    pub const fn from_static(name: &'static str) -> Self {
        Self(Text::Static(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_name_is_words_and_dots() {
        for good in ["placed", "order.placed", "order.line_2.added", "$saga.started"] {
            assert!(EventName::new(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "order.", "Order.Placed", "order placed", "2nd", "$"] {
            assert!(EventName::new(bad).is_err(), "{bad}");
        }
    }
}
