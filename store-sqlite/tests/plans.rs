//! Every statement finds what it wants by an index, also in a file that has no statistics.

use std::error::Error;
use std::fs;
use std::path::Path;

use annals_store_sqlite::SqliteStore;
use rusqlite::Connection;

#[tokio::test]
async fn no_statement_scans_or_sorts_a_table() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    drop(SqliteStore::open(&path).await?);
    let connection = Connection::open(&path)?;
    let mut looked_at = 0;

    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql"))? {
        let file = file?.path();
        if file.is_dir() {
            continue;
        }
        let statement = fs::read_to_string(&file)?;
        let mut plan = connection.prepare(&format!("explain query plan {statement}"))?;
        for parameter in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(parameter, "[]")?;
        }
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next()? {
            let step: String = step.get(3)?;
            // The words of a filter come as a JSON array, which is read once.
            let is_bad = (step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE")) || step.contains("TEMP B-TREE");
            assert!(!is_bad, "{}: {step}", file.display());
            looked_at += 1;
        }
    }

    assert!(looked_at > 30, "there are plans to look at");
    Ok(())
}
