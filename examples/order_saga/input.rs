//! Orders from a file: one JSON object a line (NDJSON).

use std::fs;
use std::path::{Path, PathBuf};

use annals::{Command, Encoding, Payload, PayloadError};
use thiserror::Error;

use crate::full;
use crate::order::PlaceOrder;

/// What is read when no file is named.
const BUNDLED: &str = include_str!("orders.ndjson");

/// An order that came in, and where from. A line that cannot be read concerns only itself.
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) order: Result<PlaceOrder, String>,
}

/// A file that cannot be read at all.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is not UTF-8: look at line {line}", path.display())]
    NotUtf8 { path: PathBuf, line: usize },
}

pub(crate) fn read(path: Option<&Path>) -> Result<Vec<Entry>, InputError> {
    let Some(path) = path else { return Ok(entries(BUNDLED)) };
    let path = path.to_owned();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(InputError::Unreadable { path, source }),
    };
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(entries(text)),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            Err(InputError::NotUtf8 { path, line })
        }
    }
}

fn entries(text: &str) -> Vec<Entry> {
    // Some editors put a mark at the beginning of a file.
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines = lines.filter(|(_, text)| !text.trim().is_empty());
    // A command is data: `Command::decode` reads the JSON form that a file or a queue holds.
    let order = |text: &str| PlaceOrder::decode(&Payload { encoding: Encoding::JSON, data: text.to_owned().into() });
    // JSON counts lines too, and here each has only one.
    let reason = |error: PayloadError| full(&error).replace(" at line 1 column ", ", column ");
    lines.map(|(at, text)| Entry { line: at + 1, order: order(text).map_err(reason) }).collect()
}
