//! A schema of its own for each test, on the PostgreSQL server that tests use.

use annals_core::{Random, SystemRandom};
use annals_store_postgres::sqlx::{self, AssertSqlSafe, Connection, PgConnection};

/// The server of this machine, as its packages set it up for tests: a user without a password.
const HERE: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// A schema that no other test has. Dropping it drops what is in it.
///
/// The server is the one that the variable `DATABASE_URL` names, else that of this machine.
///
/// ```no_run
/// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
/// let schema = annals_testing::PostgresSchema::new();
/// let store = annals::connect(&schema.url()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PostgresSchema {
    name: String,
}

impl PostgresSchema {
    /// A name that no other schema has; whoever opens a store in it makes it.
    #[expect(clippy::new_without_default, reason = "each one is another")]
    pub fn new() -> Self {
        Self { name: format!("annals_test_{:016x}", SystemRandom.next_u64()) }
    }

    /// Its name, a word.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of a store in this schema.
    pub fn url(&self) -> String {
        let server = Self::server();
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}schema={}", self.name)
    }

    /// The URL of the server.
    pub fn server() -> String {
        std::env::var("DATABASE_URL").unwrap_or_else(|_| HERE.to_owned())
    }
}

impl Drop for PostgresSchema {
    fn drop(&mut self) {
        let sql = format!("drop schema if exists \"{}\" cascade", self.name);
        // The runtime of the test may be on its way out, and cannot be waited for here.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| error.to_string())?;
            let drop = async {
                let mut connection = PgConnection::connect(&Self::server()).await?;
                // Audited: the name is made of hexadecimal digits here.
                sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.map(drop)
            };
            runtime.block_on(drop).map_err(|error| error.to_string())
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("the schema `{}` of a test is left behind: {error}", self.name);
        }
    }
}
