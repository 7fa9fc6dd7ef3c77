//! The server that benchmarks measure.

use std::path::Path;

use super::{Kept, Kind, throw_away};
use crate::Failure;

/// A server that nobody else uses, as it comes: the one that the variable names, else one that is thrown away. One that
/// happens to run on this machine is left alone.
pub(crate) struct Measuring {
    url: String,
    /// Ends with this value.
    _kept: Option<Kept>,
}

impl Measuring {
    /// A PostgreSQL server; with a library that it loads before the others it is always one that is thrown away.
    pub(crate) fn postgres(preload: Option<&Path>) -> Result<Self, Failure> {
        let server = Kind::Postgres.server();
        match std::env::var(server.variable) {
            Ok(_) if preload.is_some() => {
                Err(format!("the disk of the server that `{}` names cannot be slowed", server.variable))
            }
            Ok(url) => {
                server.choose(&server.find(Some(&url)))?;
                println!("{}: the server that `{}` names", server.what, server.variable);
                Ok(Self { url, _kept: None })
            }
            Err(_) => {
                let kept = throw_away(Kind::Postgres, &server.choose(&server.find_programs())?, preload)?;
                println!("{}: a server that is thrown away afterwards", server.what);
                Ok(Self { url: kept.url().to_owned(), _kept: Some(kept) })
            }
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What answers to nobody, for tests that ask nothing.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self { url: "postgres://postgres@127.0.0.1:1/postgres".to_owned(), _kept: None }
    }
}

/// The URL of another database of the same server.
pub(crate) fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, String::new()), |(address, rest)| (address, format!("?{rest}")));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    format!("{}/{database}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_is_named_in_its_place() {
        let shop = |url| with_database(url, "shop");
        assert_eq!(shop("postgres://postgres@127.0.0.1:5/postgres"), "postgres://postgres@127.0.0.1:5/shop");
        assert_eq!(shop("postgres://ann:pw@here"), "postgres://ann:pw@here/shop");
        assert_eq!(shop("postgres://here/a?sslmode=disable&x=/y"), "postgres://here/shop?sslmode=disable&x=/y");
    }
}
