//! Connections to the server, and the clock of this crate.

use std::future::Future;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{Connection, PgConnection, PgPool};

use crate::error::Fault;
use crate::{OpenError, PostgresOptions};

/// How long a statement may take on connections that the store opens.
const STATEMENT: &str = "30s";

/// How long a transaction on connections that the store opens may be idle: an open append holds up all readers.
const IDLE: &str = "10s";

/// How long a server may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(2);

/// Where a server is, without names and passwords.
pub(crate) fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("`{}`", socket.display()),
        None => format!("`{}:{}`", options.get_host(), options.get_port()),
    }
}

/// The pool that the options name, which connects when it is first used.
pub(crate) fn pool(options: &PostgresOptions) -> Result<PgPool, OpenError> {
    let needed = options.least_connections();
    if let Some(pool) = &options.pool {
        let found = pool.options().get_max_connections();
        return if found < needed { Err(OpenError::TooFewConnections { found, needed }) } else { Ok(pool.clone()) };
    }
    let connect = PgConnectOptions::from_str(&options.url).map_err(|error| OpenError::Url { source: error.into() })?;
    let says_how =
        options.url.contains("sslmode=") || options.url.contains("ssl-mode=") || std::env::var_os("PGSSLMODE").is_some();
    let connect = if says_how { connect } else { plain_on_this_machine(connect) };
    let settings = [("statement_timeout", STATEMENT), ("idle_in_transaction_session_timeout", IDLE)];
    let connect = connect.application_name("annals").options(settings);
    Ok(PgPoolOptions::new()
        .max_connections(options.connections.max(needed))
        .acquire_timeout(options.acquire_timeout)
        // A connection that broke shows when it is used, and costs no round trip before.
        .test_before_acquire(false)
        .connect_lazy_with(connect))
}

/// Leaves encryption out where nothing leaves the machine, unless somebody asks for it.
///
/// It costs more there than it looks: sqlx 0.9 does not switch Nagle's algorithm off and writes a large message in several
/// records, of which the last waits some 40 ms for the server to acknowledge the ones before.
fn plain_on_this_machine(connect: PgConnectOptions) -> PgConnectOptions {
    let host = connect.get_host();
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if is_here { connect.ssl_mode(PgSslMode::Disable) } else { connect }
}

/// Why there is no connection, where the pool gave none: then nothing was sent.
///
/// A pool says the same when its connections are all in use and when the server is gone, because it tries to connect
/// until the time is over: so the server is asked once more, without the pool.
pub(crate) async fn missing(pool: &PgPool, error: sqlx::Error) -> Fault {
    if !matches!(error, sqlx::Error::PoolTimedOut) {
        return Fault::from(error).without_connection();
    }
    let mut answered = None;
    within(ANSWER, async { answered = Some(PgConnection::connect_with(&pool.connect_options()).await) }).await;
    match answered {
        Some(Ok(connection)) => {
            let _ = within(ANSWER, connection.close()).await;
            Fault::from(error).without_connection()
        }
        Some(Err(why)) => Fault::from(why).without_connection(),
        None => Fault::from(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())).without_connection(),
    }
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "the pauses are those of a connection to a server, not of the domain")]
pub(crate) async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// Waits for something, and no longer than that. Says whether it happened.
#[expect(clippy::disallowed_methods, reason = "the pauses are those of a connection to a server, not of the domain")]
pub(crate) async fn within(duration: Duration, event: impl Future) -> bool {
    tokio::time::timeout(duration, event).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_on_the_machine_is_not_encrypted_and_the_rest_may_be() {
        let mode = |url: &str| format!("{:?}", plain_on_this_machine(url.parse().unwrap()).get_ssl_mode());
        for url in ["postgres://a@127.0.0.1/b", "postgres://a@localhost:5433/b"] {
            assert_eq!(mode(url), "Disable", "{url}");
        }
        for url in ["postgres://a@db.example/b", "postgres://a@10.0.0.1/b"] {
            assert_eq!(mode(url), "Prefer", "{url}");
        }
    }
}
