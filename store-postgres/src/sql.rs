//! The statements of the store, each from a file of its own, with the schema that they speak of.
//!
//! This is the one place where SQL is put together: the name of the schema, which [`Schema`] has checked, goes where
//! `{schema}` stands between double quotes. Everything else is bound.

use std::fmt;
use std::sync::Arc;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use crate::OpenError;

/// The name of a schema: a word, so that it stands in SQL as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schema(Arc<str>);

impl Schema {
    /// The longest name, in bytes: what PostgreSQL keeps of one.
    pub(crate) const MAX_LEN: usize = 63;

    pub(crate) fn new(name: &str) -> Result<Self, OpenError> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let starts_well = name.as_bytes().first().is_some_and(|byte| !byte.is_ascii_digit());
        if name.bytes().all(is_word) && starts_well && name.len() <= Self::MAX_LEN && !name.starts_with("pg_") {
            Ok(Self(name.into()))
        } else {
            Err(OpenError::SchemaName { name: name.to_owned() })
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The statement of a file, in this schema.
    pub(crate) fn statement(&self, file: &'static str) -> Statement {
        Statement(file.replace("{schema}", &self.0).into())
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A statement that can be run any number of times. Each connection prepares it once.
#[derive(Clone)]
pub(crate) struct Statement(Arc<str>);

impl Statement {
    pub(crate) fn query(&self) -> Query<'static, Postgres, PgArguments> {
        // Audited: the text is that of a file, with the name of a `Schema` in it.
        sqlx::query(AssertSqlSafe(Arc::clone(&self.0)))
    }
}

/// The statement in the file of this name.
macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("sql/", $name, ".sql"))
    };
}
pub(crate) use file;

macro_rules! statements {
    ($($name:ident),+ $(,)?) => {
        /// The statements that a store runs while it is open.
        pub(crate) struct Statements {
            $(pub(crate) $name: Statement,)+
        }

        impl Statements {
            pub(crate) fn new(schema: &Schema) -> Self {
                Self { $($name: schema.statement(include_str!(concat!("sql/", stringify!($name), ".sql"))),)+ }
            }
        }
    };
}

statements! {
    append, append_one, commit_view, due_timers, find_append, find_blockers, get_document, hold_projection, is_marked,
    key_owner, list_documents, move_projection, newest_projection, next_due, next_position, notify, pending, read_health, read_horizon, read_log,
    read_stream_backward, read_stream_forward, read_streams, read_tagged, reset_view, settle, timers_of, view_checkpoint,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_word() {
        for name in ["annals", "a1", "_x", "user"] {
            assert_eq!(Schema::new(name).map(|schema| schema.name().to_owned()).ok().as_deref(), Some(name));
        }
        let long = "a".repeat(64);
        for name in ["", "1a", "A", "a-b", "a\"b", "a b", "a;drop", "{schema}", "pg_x", "é", &long] {
            assert!(matches!(Schema::new(name), Err(OpenError::SchemaName { .. })), "{name}");
        }
    }
}
