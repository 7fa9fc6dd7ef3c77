use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use super::ReadError;
use crate::text::is_word;
use crate::{StreamId, Tenant};

/// A key that at most one stream has, such as the e-mail address of a customer: unique within tenant and scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservedKeyName {
    tenant: Tenant,
    scope: String,
    key: String,
}

/// A key that cannot be reserved.
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// The scope is not a word.
    #[error("the scope `{0}` cannot be used: it consists of lower-case letters, digits and `_`, and starts with a letter")]
    Scope(String),
    /// The key contains the character NUL, which SQL stores cannot keep.
    #[error("a key in `{scope}` contains the character NUL")]
    Nul {
        /// The scope.
        scope: String,
    },
    /// The key is empty or too long.
    #[error("a key in `{scope}` has {len} bytes; it can have 1 to {max}", max = ReservedKeyName::MAX_LEN)]
    Length {
        /// The scope.
        scope: String,
        /// The length of the key in bytes.
        len: usize,
    },
}

crate::__debug_as_told!(InvalidKey);

impl ReservedKeyName {
    /// The longest scope, and the longest key, in bytes.
    pub const MAX_LEN: usize = 255;

    /// The key `key` of a scope such as `customer_email`.
    ///
    /// # Errors
    /// [`InvalidKey`] if the scope is not a word or the key is empty or too long.
    pub fn new(tenant: Tenant, scope: impl Into<String>, key: impl Into<String>) -> Result<Self, InvalidKey> {
        let (scope, key) = (scope.into(), key.into());
        if !is_word(scope.as_bytes()) || scope.len() > Self::MAX_LEN {
            return Err(InvalidKey::Scope(scope));
        }
        if key.is_empty() || key.len() > Self::MAX_LEN {
            return Err(InvalidKey::Length { scope, len: key.len() });
        }
        if key.contains('\0') {
            return Err(InvalidKey::Nul { scope });
        }
        Ok(Self { tenant, scope, key })
    }

    /// The tenant within which it is unique.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The scope within which it is unique.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The key itself.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ReservedKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.scope, self.key)
    }
}

/// A store that keeps unique keys: see [`Effect::ReserveKey`](super::Effect::ReserveKey).
#[async_trait]
pub trait Keys: Send + Sync {
    /// The stream that has the key.
    ///
    /// # Errors
    /// [`ReadError`] if the store cannot be read.
    async fn owner(&self, key: &ReservedKeyName) -> Result<Option<StreamId>, ReadError>;
}

#[cfg(test)]
fn _is_object_safe(_: &dyn Keys) {}
