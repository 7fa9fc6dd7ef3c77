use std::fmt::Write as _;
use std::rc::Rc;

use annals_core::Json;
use annals_store_sqlite::rusqlite::types::Value;
use annals_store_sqlite::rusqlite::{Params, Statement};
use annals_store_sqlite::{Connection, Error};

use crate::story::Line;

/// What a query found.
pub(super) struct Rows {
    pub(super) columns: Rc<[String]>,
    pub(super) rows: Vec<Row>,
}

/// A row that can be compared and shown, its values as they are written in SQL.
pub(super) struct Row {
    columns: Rc<[String]>,
    values: Vec<Value>,
}

/// Asks a query.
pub(super) fn rows(db: &Connection, query: &str) -> Result<Rows, Error> {
    let mut statement = db.prepare(query)?;
    let columns: Rc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
    if columns.is_empty() {
        return Ok(Rows { columns, rows: Vec::new() });
    }
    let rows = read(&mut statement, &columns, [])?;
    Ok(Rows { columns, rows })
}

/// The row that SQLite makes of values, as if a query had found them.
pub(super) fn bound(db: &Connection, columns: &Rc<[String]>, row: impl Params) -> Result<Row, Error> {
    let values: Vec<_> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let mut statement = db.prepare(&format!("select {}", values.join(", ")))?;
    read(&mut statement, columns, row)?.pop().ok_or(Error::QueryReturnedNoRows)
}

fn read(statement: &mut Statement<'_>, columns: &Rc<[String]>, values: impl Params) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let values = (0..columns.len()).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        found.push(Row { columns: Rc::clone(columns), values });
    }
    Ok(found)
}

impl Line for Row {
    /// All rows of a query are alike.
    fn name(&self) -> &str {
        "row"
    }

    fn body(&self) -> Option<Json> {
        let json = |value: &Value| match value {
            Value::Null => Json::Null,
            Value::Integer(number) => Json::from(*number),
            Value::Real(number) => Json::from(*number),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Blob(_) => Json::from(literal(value)),
        };
        Some(self.columns.iter().cloned().zip(self.values.iter().map(json)).collect())
    }

    fn line(&self) -> String {
        self.values.iter().map(literal).collect::<Vec<_>>().join(" | ")
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

/// A value as it is written in SQL, so that `1` and `'1'` are told apart.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Blob(bytes) => {
            bytes.iter().fold("x'".to_owned(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            }) + "'"
        }
    }
}
