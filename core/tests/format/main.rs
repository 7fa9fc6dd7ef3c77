//! The format on disk (`docs/format.md`) against its golden files (`docs/golden`), in both directions.
//!
//! If a test here fails, the change breaks every store and message that exists: undo the change, not the golden file.

mod events;
mod ids;
mod metadata;
mod names;
mod payloads;
mod positions;
mod sagas;
mod schedule;
mod streams;
mod support;
mod tags;
mod timestamps;

/// The golden files, each of which a module here reads.
const TOPICS: [&str; 12] = [
    "checkpoints",
    "events",
    "ids",
    "metadata",
    "names",
    "payloads",
    "positions",
    "sagas",
    "schedule",
    "streams",
    "tags",
    "timestamps",
];

#[test]
fn every_golden_file_is_compared() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/golden");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    // Derived events need the macros: the facade compares them (`tests/format_events.rs`).
    files.retain(|file| !file.starts_with("derived_"));
    files.sort_unstable();
    assert_eq!(files, TOPICS.map(|topic| format!("{topic}.json")));
}
