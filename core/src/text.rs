//! Names that are cheap to copy.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A text that is either part of the program or shared: cloning it never copies characters.
#[derive(Clone)]
pub(crate) enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Shared(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// Whether `text` is `[a-z][a-z0-9_]*`.
pub(crate) const fn is_word(text: &[u8]) -> bool {
    if text.is_empty() || !text[0].is_ascii_lowercase() {
        return false;
    }
    let mut at = 1;
    while at < text.len() {
        let byte = text[at];
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether `text` is one or more words separated by dots.
pub(crate) const fn is_dotted(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let mut at = 0;
    while at < rest.len() {
        if rest[at] != b'.' {
            at += 1;
            continue;
        }
        let (word, after) = rest.split_at(at);
        if !is_word(word) {
            return false;
        }
        (rest, at) = (after.split_at(1).1, 0);
    }
    is_word(rest)
}

/// Declares a validated name over [`Text`].
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $error:ident, $rule:literal, max = $max:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::text::Text);

        impl $name {
            /// The longest there can be, in bytes.
            pub const MAX_LEN: usize = $max;

            /// Checks and takes a name.
            ///
            /// # Errors
            /// Says what is wrong with it, and names it.
            pub fn new(text: impl AsRef<str>) -> Result<Self, $error> {
                let text = text.as_ref();
                if text.len() > Self::MAX_LEN {
                    let start = text.chars().take(32).collect();
                    return Err($error::TooLong { start, len: text.len() });
                }
                let valid: fn(&str) -> bool = $valid;
                if !valid(text) {
                    return Err($error::Malformed { text: text.to_owned() });
                }
                Ok(Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }

        #[doc = concat!("Why a text is no [`", stringify!($name), "`].")]
        #[derive(Clone, thiserror::Error, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $error {
            /// It is longer than the limit.
            #[error("`{start}…` has {len} bytes, the limit is {max}", max = $name::MAX_LEN)]
            TooLong {
                /// How it starts.
                start: String,
                /// Its length in bytes.
                len: usize,
            },
            /// It does not follow the rule.
            #[error("`{text}` cannot be used: {rule}", rule = $rule)]
            Malformed {
                /// The text.
                text: String,
            },
        }

        $crate::__debug_as_told!($error);
    };
}
pub(crate) use name;
