//! Reads the URL of a PostgreSQL server, as far as it takes to reach it.

use std::fmt;

/// `postgres://user:password@host:port/database?host=…`; the password is not kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) user: String,
    /// A name, a number, or the folder of a socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
}

/// Without the password: it is shown in errors.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, port, database } = self;
        write!(f, "`{database}` at {host}:{port} as `{user}`")
    }
}

impl Url {
    /// Reads it. What is wrong is told without the text, in which a password may stand.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or("it is no URL like `postgres://user@host:5432/database`")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = user.split_once(':').map_or(user, |(user, _password)| user);
        // The number of a host may have colons, and then it stands in brackets.
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (place, ""),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let mut parts = [user, host, port, database].map(decode);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if let Some(at) = ["user", "host", "port", "dbname"].iter().position(|known| *known == name) {
                parts[at] = decode(value);
            }
        }
        let [user, host, port, database] = parts;
        if host.is_empty() {
            return Err("it names no host".to_owned());
        }
        let port = if port.is_empty() { Ok(5432) } else { port.parse() };
        let port = port.map_err(|_| "its port is no number from 0 to 65535")?;
        let user = if user.is_empty() { own_name() } else { user };
        let database = if database.is_empty() { user.clone() } else { database };
        Ok(Self { user, host, port, database })
    }
}

/// Who is meant where nobody is named.
fn own_name() -> String {
    ["PGUSER", "USER"].iter().find_map(|variable| std::env::var(variable).ok()).unwrap_or_else(|| "postgres".to_owned())
}

/// `%2F` is `/`. What is no such sequence stays as it is.
fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes: Vec<u8> = parts.next().unwrap_or_default().into();
    for part in parts {
        match part.get(..2).map(|digits| u8::from_str_radix(digits, 16)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            _ => bytes.extend(std::iter::once(b'%').chain(part.bytes())),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Url::parse(text).map_or_else(|error| error, |url| url.to_string())
    }

    #[test]
    fn a_url_is_read() {
        assert_eq!(shown("postgres://postgres@127.0.0.1:5432/postgres"), "`postgres` at 127.0.0.1:5432 as `postgres`");
        assert_eq!(shown("postgresql://ann@db.example"), "`ann` at db.example:5432 as `ann`");
        assert_eq!(shown("postgres://ann@[::1]:55/shop"), "`shop` at ::1:55 as `ann`");
        assert_eq!(shown("postgres://ann@[::1]/shop"), "`shop` at ::1:5432 as `ann`");
        assert_eq!(shown("postgres://ann@%2Frun%2Fpg/a%20b"), "`a b` at /run/pg:5432 as `ann`");
        assert_eq!(shown("postgres:///shop?user=ann&host=/run/pg&port=7&x=y"), "`shop` at /run/pg:7 as `ann`");
    }

    #[test]
    fn no_password_is_shown() {
        for text in [
            "postgres://ann:s3cret@here/shop",
            "postgres://ann:s3c@s3cret@here/shop",
            "postgres://ann@here/shop?password=s3cret",
            "postgres://ann:s3cret@here:99999/shop",
            "postgres://ann:s3cret@/shop",
            "mysql://ann:s3cret@here/shop",
            "s3cret",
        ] {
            assert!(!shown(text).contains("s3c"), "{text}: {}", shown(text));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(shown(""), "it is no URL like `postgres://user@host:5432/database`");
        assert_eq!(shown("mysql://ann@here/shop"), "it is no URL like `postgres://user@host:5432/database`");
        assert_eq!(shown("postgres:///shop"), "it names no host");
        assert_eq!(shown("postgres://here:x/shop"), "its port is no number from 0 to 65535");
    }
}
