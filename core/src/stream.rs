//! The identity of a stream: tenant, category and id, never concatenated.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::text::{Text, is_dotted, is_word, name};

name! {
    /// The kind of a stream, such as `order`: `[a-z][a-z0-9_]*`.
    ///
    /// Names that start with `$` are kept for Annals itself (`$saga.checkout`). Filters leave them out unless they
    /// are named.
    Category, InvalidCategory,
    "a category consists of lower-case letters, digits and `_`, and starts with a letter",
    max = 64,
    |text| is_word(text.as_bytes()) || text.strip_prefix('$').is_some_and(is_dotted)
}

impl Category {
    /// Whether the category is one of Annals' own, with a name that starts with `$`.
    pub fn is_system(&self) -> bool {
        self.as_str().starts_with('$')
    }
}

name! {
    /// The owner of a stream in a shared store. The empty tenant is that of an application with one tenant.
    Tenant, InvalidTenant,
    "a tenant has no control characters",
    max = 64,
    |text| !text.chars().any(char::is_control)
}

impl Tenant {
    /// The tenant of an application that has only one.
    pub const NONE: Self = Self(Text::Static(""));

    /// Whether this is [`NONE`](Self::NONE).
    pub fn is_none(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self::NONE
    }
}

/// Why a stream id cannot be.
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStreamId {
    /// The category is at fault.
    #[error(transparent)]
    Category(#[from] InvalidCategory),
    /// The tenant is at fault.
    #[error(transparent)]
    Tenant(#[from] InvalidTenant),
    /// The id within the category is longer than the limit.
    #[error("the id `{start}…` of a stream in `{category}` has {len} bytes, the limit is {max}", max = StreamId::MAX_ID_LEN)]
    IdTooLong {
        /// The category of the stream.
        category: Category,
        /// How the id starts.
        start: String,
        /// Its length in bytes.
        len: usize,
    },
    /// The id within the category is empty.
    #[error("the id of a stream in `{category}` is empty")]
    IdEmpty {
        /// The category of the stream.
        category: Category,
    },
    /// The id contains the character NUL, which SQL stores cannot keep.
    #[error("the id of a stream in `{category}` contains the character NUL")]
    IdHasNul {
        /// The category of the stream.
        category: Category,
    },
}

crate::__debug_as_told!(InvalidStreamId);

/// The 16 bytes by which stores tell streams apart: the start of the SHA-256 of its length-prefixed parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey([u8; 16]);

impl StreamKey {
    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn of(parts: [&str; 3]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // Each part is at most 255 bytes long, so four bytes always hold its length.
            hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(part);
        }
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamKey({:032x})", u128::from_be_bytes(self.0))
    }
}

/// The identity of a stream. Cheap to clone.
///
/// ```
/// # use annals_core as annals;
/// use annals::StreamId;
///
/// let order = StreamId::new("order", "A-17")?;
/// assert_eq!(order.to_string(), "order/A-17");
/// assert!(StreamId::new("Order", "A-17").is_err());
/// # Ok::<(), annals::InvalidStreamId>(())
/// ```
#[derive(Clone)]
pub struct StreamId(Arc<Parts>);

struct Parts {
    key: StreamKey,
    tenant: Tenant,
    category: Category,
    id: Box<str>,
}

impl StreamId {
    /// The longest an id within a category can be, in bytes.
    pub const MAX_ID_LEN: usize = 255;

    /// The stream `id` of a category, of an application with one tenant.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if a part is malformed or too long.
    pub fn new(category: impl AsRef<str>, id: impl AsRef<str>) -> Result<Self, InvalidStreamId> {
        Self::of(Tenant::NONE, Category::new(category)?, id)
    }

    /// The stream of a tenant, category and id.
    ///
    /// # Errors
    /// [`InvalidStreamId`] if the id is empty, too long or contains NUL.
    pub fn of(tenant: Tenant, category: Category, id: impl AsRef<str>) -> Result<Self, InvalidStreamId> {
        let id = id.as_ref();
        if id.is_empty() {
            return Err(InvalidStreamId::IdEmpty { category });
        }
        if id.len() > Self::MAX_ID_LEN {
            return Err(InvalidStreamId::IdTooLong { category, start: id.chars().take(32).collect(), len: id.len() });
        }
        if id.contains('\0') {
            return Err(InvalidStreamId::IdHasNul { category });
        }
        let key = StreamKey::of([tenant.as_str(), category.as_str(), id]);
        Ok(Self(Arc::new(Parts { key, tenant, category, id: id.into() })))
    }

    /// The 16 bytes by which stores tell it apart.
    pub fn key(&self) -> StreamKey {
        self.0.key
    }

    /// The tenant it belongs to.
    pub fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    /// The kind of stream.
    pub fn category(&self) -> &Category {
        &self.0.category
    }

    /// The id within tenant and category.
    pub fn id(&self) -> &str {
        &self.0.id
    }
}

impl PartialEq for StreamId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.key == other.0.key
                && self.0.tenant == other.0.tenant
                && self.0.category == other.0.category
                && self.0.id == other.0.id)
    }
}

impl Eq for StreamId {}

impl Hash for StreamId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialOrd for StreamId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StreamId {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |stream: &Self| (stream.0.tenant.clone(), stream.0.category.clone());
        parts(self).cmp(&parts(other)).then_with(|| self.0.id.cmp(&other.0.id))
    }
}

impl fmt::Display for StreamId {
    /// For people: `order/A-17`, or `acme:order/A-17` with a tenant. Stores never keep this form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.tenant().is_none() {
            write!(f, "{}:", self.tenant())?;
        }
        write!(f, "{}/{}", self.category(), self.id())
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({self})")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "StreamId", deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Tenant::is_none")]
    tenant: Tenant,
    category: Category,
    id: String,
}

impl Serialize for StreamId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Form { tenant: self.tenant().clone(), category: self.category().clone(), id: self.id().to_owned() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer)?;
        Self::of(form.tenant, form.category, form.id).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_stream_id_never_run_into_one_another() {
        let tenant = |name| Tenant::new(name).unwrap();
        let category = |name| Category::new(name).unwrap();
        let one = StreamId::of(tenant("a"), category("b"), "c").unwrap();
        let other = StreamId::of(tenant("ab"), category("b"), "c").unwrap();
        let third = StreamId::of(Tenant::NONE, category("b"), "c").unwrap();
        assert_ne!(one.key(), other.key());
        assert_ne!(one.key(), third.key());
        assert_eq!(one.to_string(), "a:b/c");
    }

    #[test]
    fn a_stream_id_that_cannot_be_is_named() {
        let long = "x".repeat(256);
        assert!(StreamId::new("order", &long[..255]).is_ok());
        let error = StreamId::new("order", &long).unwrap_err().to_string();
        assert_eq!(error, "the id `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` of a stream in `order` has 256 bytes, the limit is 255");
        assert_eq!(StreamId::new("order", "").unwrap_err().to_string(), "the id of a stream in `order` is empty");
        assert!(StreamId::new("order", "a\0b").is_err());
        assert!(StreamId::new("1order", "a").unwrap_err().to_string().starts_with("`1order` cannot be used"));
        assert!(StreamId::new("$saga.checkout", "a").is_ok());
        assert!(StreamId::new("saga.checkout", "a").is_err());
        assert!(StreamId::new("$", "a").is_err());
    }

    #[test]
    fn a_stream_id_survives_json() {
        let id = StreamId::new("order", "A-17").unwrap();
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, r#"{"category":"order","id":"A-17"}"#);
        assert_eq!(serde_json::from_str::<StreamId>(&json).unwrap(), id);
    }
}
