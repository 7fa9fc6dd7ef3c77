//! From a URL to a store.

use std::sync::Arc;

use annals_core::EventStore;
use thiserror::Error;

/// The schemes of all stores there are, with the feature that compiles each in and whether it is.
const STORES: [(&str, &str, bool); 4] = [
    ("memory", "memory", cfg!(feature = "memory")),
    ("sqlite", "sqlite", cfg!(feature = "sqlite")),
    ("postgres", "postgres", cfg!(feature = "postgres")),
    // The same: libpq knows both.
    ("postgresql", "postgres", cfg!(feature = "postgres")),
];

annals_core::__debug_as_told!(ConnectError);

/// Why a URL leads to no store.
#[derive(Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no `:` in it.
    #[error("`{url}` is not the URL of a store: it starts with a scheme, one of {}", known())]
    NoScheme {
        /// What was given.
        url: String,
    },
    /// No store has this scheme.
    #[error("there is no store for `{scheme}:`; this program has {}", known())]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// The store is not part of this program.
    #[error(
        "the store for `{scheme}:` is not part of this program: enable the feature `{feature}` of `annals`; it has {}",
        known()
    )]
    NotCompiledIn {
        /// The scheme.
        scheme: String,
        /// The feature that compiles it in.
        feature: &'static str,
    },
    /// The rest of the URL does not suit the store.
    #[error("`{url}` cannot be used: {reason}")]
    Malformed {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The store did not open.
    #[error("`{url}` could not be opened")]
    Open {
        /// What was given.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn known() -> String {
    // Each store once, by the scheme that it shares with its feature.
    let stores = STORES.iter().filter(|(scheme, feature, compiled)| *compiled && scheme == feature);
    let names: Vec<_> = stores.map(|(scheme, ..)| format!("`{scheme}:`")).collect();
    if names.is_empty() { "no store".into() } else { names.join(", ") }
}

/// Opens the store that a URL names.
///
/// | URL | store | feature |
/// |---|---|---|
/// | `memory:` | in memory, gone with the process | `memory` |
/// | `sqlite:orders.db` | the file `orders.db`, created if it is not there | `sqlite` |
/// | `postgres://user@host/shop` | the schema `annals` of the database `shop`, created if it is not there | `postgres` |
/// | `postgres://user@host/shop?schema=orders` | another schema | `postgres` |
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = annals::connect("memory:").await?;
/// assert_eq!(store.info().name, "memory");
///
/// let unknown = annals::connect("oracle:db").await.err().map(|error| error.to_string());
/// assert!(unknown.is_some_and(|error| error.starts_with("there is no store for `oracle:`; this program has `memory:`")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ConnectError`] names the URL and what is wrong, and for an unknown scheme those that this program has.
pub async fn connect(url: &str) -> Result<Arc<dyn EventStore>, ConnectError> {
    let (scheme, rest) = url.split_once(':').ok_or_else(|| ConnectError::NoScheme { url: url.to_owned() })?;
    match scheme {
        #[cfg(feature = "memory")]
        "memory" if rest.is_empty() => Ok(Arc::new(annals_store_memory::MemoryStore::new())),
        #[cfg(feature = "memory")]
        "memory" => Err(ConnectError::Malformed { url: url.to_owned(), reason: "nothing follows `memory:`" }),
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite(url, rest).await,
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => postgres(url).await,
        _ => {
            let _ = rest;
            Err(unavailable(scheme))
        }
    }
}

/// What to tell somebody who asks for a store that is not part of this program.
fn unavailable(scheme: &str) -> ConnectError {
    match STORES.iter().find(|(known, ..)| *known == scheme) {
        Some((_, feature, _)) => ConnectError::NotCompiledIn { scheme: scheme.to_owned(), feature },
        None => ConnectError::UnknownScheme { scheme: scheme.to_owned() },
    }
}

#[cfg(feature = "sqlite")]
async fn sqlite(url: &str, rest: &str) -> Result<Arc<dyn EventStore>, ConnectError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let reason = match path {
        "" => "a path follows `sqlite:`",
        ":memory:" => "a store in memory is `memory:`",
        _ if path.contains('?') => "there are no parameters: use `SqliteOptions`",
        _ => "",
    };
    if !reason.is_empty() {
        return Err(ConnectError::Malformed { url: url.to_owned(), reason });
    }
    match annals_store_sqlite::SqliteStore::open(path).await {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(ConnectError::Open { url: url.to_owned(), source: Box::new(error) }),
    }
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str) -> Result<Arc<dyn EventStore>, ConnectError> {
    match annals_store_postgres::PostgresStore::open(url).await {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(ConnectError::Open { url: without_password(url), source: Box::new(error) }),
    }
}

/// A URL that can be shown.
#[cfg(feature = "postgres")]
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "postgres:…".to_owned() };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    format!("{scheme}://{}", rest.split_once('?').map_or(rest, |(rest, _)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_not_compiled_in_is_answered_with_its_feature() {
        let message = unavailable("sqlite").to_string();
        let start = "the store for `sqlite:` is not part of this program: enable the feature `sqlite` of `annals`; it has ";
        assert!(message.starts_with(start), "{message}");
        assert!(unavailable("oracle").to_string().starts_with("there is no store for `oracle:`; this program has "));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn what_an_error_says_of_a_url_has_no_password() {
        assert_eq!(without_password("postgres://app:secret@db:5432/shop?sslpassword=secret"), "postgres://db:5432/shop");
        assert_eq!(without_password("postgres:app:secret@db"), "postgres:…");
    }
}
