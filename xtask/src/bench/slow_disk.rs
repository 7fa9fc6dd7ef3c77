//! A disk on which everything takes longer that has to be durable.
//!
//! The server is real; only its calls of `fsync` and `fdatasync` wait a while first, in a library that is loaded before
//! the others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Failure, process, project};

/// Reads `2ms` or `500us`.
pub(crate) fn read_delay(text: &str) -> Result<Duration, String> {
    let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number = number.parse().map_err(|_| format!("`{text}` is no time like `2ms`"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "us" => Ok(Duration::from_micros(number)),
        _ => Err(format!("`{text}` is no time like `2ms`: the unit is `ms` or `us`")),
    }
}

/// Builds the library, for everybody to read.
pub(crate) fn build(delay: Duration, folder: &Path) -> Result<PathBuf, Failure> {
    let source = project::root().join("benches/slow_disk.c");
    let library = folder.join("slow_disk.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror"]).arg(format!("-DDELAY_MICROSECONDS={}", delay.as_micros()));
    process::run(cc.arg("-o").arg(&library).arg(source))?;
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_read() {
        assert_eq!(read_delay("2ms"), Ok(Duration::from_millis(2)));
        assert_eq!(read_delay("500us"), Ok(Duration::from_micros(500)));
        assert_eq!(read_delay("2"), Err("`2` is no time like `2ms`: the unit is `ms` or `us`".to_owned()));
        assert_eq!(read_delay("ms"), Err("`ms` is no time like `2ms`".to_owned()));
    }
}
