use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::text::{Text, is_word};

/// Something an event can be found by besides its stream, such as `customer:CUST001`.
///
/// Tags are what conditions of an append are made of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Text);

/// A text that cannot be a [`Tag`].
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTag {
    /// The key is not a word.
    #[error("the tag key `{0}` cannot be used: it consists of lower-case letters, digits and `_`, and starts with a letter")]
    Key(String),
    /// There is no value.
    #[error("the tag `{0}` has no value")]
    NoValue(String),
    /// It is too long.
    #[error("the tag `{key}` has {len} bytes, the limit is {max}", max = Tag::MAX_LEN)]
    TooLong {
        /// The key.
        key: String,
        /// The length of key, colon and value.
        len: usize,
    },
    /// The value contains the character NUL, which SQL stores cannot keep.
    #[error("the tag `{0}` contains the character NUL")]
    Nul(String),
    /// It is not of the form `key:value`.
    #[error("`{0}` is not a tag: write `key:value`")]
    Shape(String),
}

crate::__debug_as_told!(InvalidTag);

impl Tag {
    /// The longest there can be: key, colon and value, in bytes.
    pub const MAX_LEN: usize = 255;

    /// The tag `key:value`.
    ///
    /// # Errors
    /// [`InvalidTag`] if the key is not a word, the value is empty, or both are too long together.
    pub fn new(key: &str, value: impl fmt::Display) -> Result<Self, InvalidTag> {
        if !is_word(key.as_bytes()) {
            return Err(InvalidTag::Key(key.to_owned()));
        }
        let text = format!("{key}:{value}");
        if text.len() == key.len() + 1 {
            return Err(InvalidTag::NoValue(key.to_owned()));
        }
        if text.contains('\0') {
            return Err(InvalidTag::Nul(key.to_owned()));
        }
        if text.len() > Self::MAX_LEN {
            return Err(InvalidTag::TooLong { key: key.to_owned(), len: text.len() });
        }
        Ok(Self(text.into()))
    }

    /// Reads the stored form `key:value`.
    ///
    /// # Errors
    /// [`InvalidTag`] if it is not of that form.
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let (key, value) = text.split_once(':').ok_or_else(|| InvalidTag::Shape(text.to_owned()))?;
        Self::new(key, value)
    }

    /// The stored form, `key:value`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the value is, such as `customer`.
    pub fn key(&self) -> &str {
        self.0.split_once(':').map_or("", |(key, _)| key)
    }

    /// The value, such as `CUST001`.
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, value)| value)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

impl Serialize for Tag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_contain_anything_even_a_colon() {
        let tag = Tag::new("url", "http://a:1").unwrap();
        assert_eq!((tag.key(), tag.value()), ("url", "http://a:1"));
        assert_eq!(Tag::parse(tag.as_str()), Ok(tag));
    }

    #[test]
    fn what_cannot_be_a_tag_is_named() {
        assert_eq!(Tag::new("Key", 1), Err(InvalidTag::Key("Key".into())));
        assert_eq!(Tag::new("key", ""), Err(InvalidTag::NoValue("key".into())));
        assert_eq!(Tag::new("key", "x".repeat(252)), Err(InvalidTag::TooLong { key: "key".into(), len: 256 }));
        assert_eq!(Tag::new("key", "a\0b"), Err(InvalidTag::Nul("key".into())));
        assert_eq!(Tag::parse("key"), Err(InvalidTag::Shape("key".into())));
    }
}
