//! `cargo xtask diagrams`: the diagrams in the book, made from the examples.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Failure, process, project};

/// Where they are, below the folder of the workspace.
const FOLDER: &str = "docs/book/src/diagrams";

/// Writes each diagram anew. The file `EXAMPLE.WHAT.mmd` is what the example prints with `--describe=WHAT`: to add one, make
/// an empty file.
pub(crate) fn write() -> Result<(), Failure> {
    let folder = project::root().join(FOLDER);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort_unstable();
    for file in files {
        if let Some((example, what)) = source(&file) {
            let drawn = draw(example, what)?;
            fs::write(&file, drawn).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
        }
    }
    Ok(())
}

/// The example that a diagram comes from, and what of it.
fn source(file: &Path) -> Option<(&str, &str)> {
    file.file_name()?.to_str()?.strip_suffix(".mmd")?.split_once('.')
}

fn draw(example: &str, what: &str) -> Result<Vec<u8>, Failure> {
    let mut command = process::cargo(&["run", "--quiet", "--example", example, "--", &format!("--describe={what}")]);
    process::announce(&command);
    let output = command.output().map_err(|error| format!("the example `{example}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("the example `{example}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_where_its_diagram_comes_from() {
        assert_eq!(source(Path::new("book/order_saga.checkout.mmd")), Some(("order_saga", "checkout")));
        assert_eq!(source(Path::new("book/README.md")), None);
    }
}
