//! Rows as JSON, which expected ones and those that were found have in common.

use std::rc::Rc;

use annals_core::Json;
use annals_store_postgres::sqlx::{AssertSqlSafe, Error, PgConnection, Row as _, query};
use serde::Serialize;

use crate::story::Line;

/// What a query found.
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row that can be compared and shown.
#[derive(Clone)]
pub(super) struct Row {
    columns: Rc<[String]>,
    values: Vec<Json>,
}

/// What a query found, before it is known whether it was expected: names of columns and values of rows.
pub(super) struct Found {
    pub(super) columns: Vec<String>,
    pub(super) values: Vec<Vec<Json>>,
}

/// Asks a query. It is part of another one, so it cannot be anything else.
pub(super) async fn ask(connection: &mut PgConnection, asked: &str) -> Result<Found, Error> {
    let asked = asked.trim_end().trim_end_matches(';');
    // Audited: the query is that of a test, on a schema of its own.
    let sql = AssertSqlSafe(format!(
        "select (select json_agg(key) from json_each(to_json(found)))::text, (select json_agg(value) from json_each(to_json(found)))::text
           from ({asked}\n) as found"
    ));
    let mut found = Found { columns: Vec::new(), values: Vec::new() };
    for row in query(sql).fetch_all(connection).await? {
        let json = |text: &str| serde_json::from_str(text).map_err(|error| Error::Decode(error.into()));
        found.values.push(json(row.try_get(1)?)?);
        if found.columns.is_empty() {
            let names = row.try_get(0)?;
            found.columns = serde_json::from_str(names).map_err(|error| Error::Decode(error.into()))?;
        }
    }
    Ok(found)
}

impl From<Found> for Rows {
    fn from(found: Found) -> Self {
        let columns: Rc<[String]> = found.columns.iter().cloned().collect();
        let rows = found.values.into_iter().map(|values| Row { columns: Rc::clone(&columns), values }).collect();
        Self { columns: found.columns, rows }
    }
}

/// The row that serde makes of values.
pub(super) fn bound(row: &impl Serialize) -> Result<Row, serde_json::Error> {
    let values = match serde_json::to_value(row)? {
        Json::Array(values) => values,
        value => vec![value],
    };
    Ok(Row { columns: Rc::default(), values })
}

impl Row {
    /// The same, under the names of these columns.
    pub(super) fn named(&self, columns: &[String]) -> Self {
        Self { columns: columns.iter().cloned().collect(), values: self.values.clone() }
    }
}

impl Line for Row {
    /// All rows of a query are alike.
    fn name(&self) -> &str {
        "row"
    }

    fn body(&self) -> Option<Json> {
        Some(self.columns.iter().cloned().zip(self.values.iter().cloned()).collect())
    }

    fn line(&self) -> String {
        self.values.iter().map(literal).collect::<Vec<_>>().join(" | ")
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.values.len() == other.values.len() && self.values.iter().zip(&other.values).all(|(left, right)| is_same(left, right))
    }
}

/// `2` and `2.0` are one number.
fn is_same(left: &Json, right: &Json) -> bool {
    left == right || left.as_f64().zip(right.as_f64()).is_some_and(|(left, right)| left == right)
}

/// A value as it is written in SQL, so that `1` and `'1'` are told apart.
fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}
