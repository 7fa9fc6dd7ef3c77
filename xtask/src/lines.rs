//! `cargo xtask lines`: no Rust file has more than 400 lines.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Failure, project};

/// One idea a file; more than this, and there are two.
const LIMIT: usize = 400;

/// Lists the files that are too long.
pub(crate) fn check() -> Result<(), Failure> {
    let root = project::root();
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    let mut long = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        let lines = text.lines().count();
        if lines > LIMIT {
            long.push((lines, file.strip_prefix(&root).unwrap_or(file)));
        }
    }
    long.sort_unstable();
    for (lines, file) in long.iter().rev() {
        println!("{lines} {}", file.display());
    }
    if long.is_empty() {
        println!("{} Rust files, none over {LIMIT} lines", files.len());
        return Ok(());
    }
    Err(format!("{} Rust files have more than {LIMIT} lines: split them by idea", long.len()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = |error| format!("{} cannot be read: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
