//! Connections to the server, and the clock of this crate.

use std::future::Future;
use std::str::FromStr;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{OpenError, PostgresOptions};

/// How long a statement may take on connections that the store opens.
const STATEMENT: &str = "30s";

/// How long a transaction on connections that the store opens may be idle: an open append holds up all readers.
const IDLE: &str = "10s";

/// Where a server is, without names and passwords.
pub(crate) fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("`{}`", socket.display()),
        None => format!("`{}:{}`", options.get_host(), options.get_port()),
    }
}

/// The pool that the options name, which connects when it is first used.
pub(crate) fn pool(options: &PostgresOptions) -> Result<PgPool, OpenError> {
    if let Some(pool) = &options.pool {
        return Ok(pool.clone());
    }
    let connect = PgConnectOptions::from_str(&options.url).map_err(|error| OpenError::Url { source: error.into() })?;
    let settings = [("statement_timeout", STATEMENT), ("idle_in_transaction_session_timeout", IDLE)];
    let connect = connect.application_name("annals").options(settings);
    Ok(PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.acquire_timeout)
        // A connection that broke shows when it is used, and costs no round trip before.
        .test_before_acquire(false)
        .connect_lazy_with(connect))
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
