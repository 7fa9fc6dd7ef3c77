//! What the book lists is what there is: the errors of the interface, and the tests behind the guarantees.

mod support;

use std::collections::BTreeSet;
use std::fs;

use support::*;

/// The errors that a user may meet, with the files that declare them.
const ERRORS: [(&str, &str, &str); 16] = [
    ("SendError", "SendError", "runtime/src/error/send.rs"),
    ("AppendError", "AppendError", "core/src/store/error.rs"),
    ("FailureKind", "FailureKind", "core/src/store/error.rs"),
    ("DecodeError", "DecodeErrorKind", "core/src/event/decode.rs"),
    ("StartError", "StartError", "runtime/src/error.rs"),
    ("ViewReadError", "ViewReadError", "runtime/src/error.rs"),
    ("WaitError", "WaitError", "runtime/src/error.rs"),
    ("LoadError", "LoadError", "runtime/src/error.rs"),
    ("ScheduleError", "ScheduleError", "runtime/src/error.rs"),
    ("SagaError", "SagaError", "runtime/src/error.rs"),
    ("Fault", "Fault", "core/src/saga/fault.rs"),
    ("InvalidSaga", "InvalidSaga", "core/src/saga/fault.rs"),
    ("ConnectError", "ConnectError", "src/connect.rs"),
    ("OpenError", "OpenError", "store-sqlite/src/error.rs"),
    ("OpenError of PostgreSQL", "OpenError", "store-postgres/src/error.rs"),
    ("SinkError", "SinkError", "core/src/projection.rs"),
];

/// The variants of an enum, from its source.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(repository(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let start = [format!("pub enum {name} {{"), format!("pub enum {name}<E> {{")];
    let (_, body) = start.iter().find_map(|start| source.split_once(start)).unwrap_or_else(|| panic!("{name} is not in {file}"));
    let (body, _) = body.split_once("\n}").unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with(char::is_uppercase));
    lines.map(|line| line.chars().take_while(|c| c.is_alphanumeric()).collect()).collect()
}

#[test]
fn every_variant_of_an_error_is_explained_once() {
    let errors = &chapters()["errors.md"].text;
    for (section, name, file) in ERRORS {
        let (_, rest) = errors.split_once(&format!("\n## {section}\n")).unwrap_or_else(|| panic!("{section} has no section"));
        let section = rest.split("\n## ").next().unwrap_or_default();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| line.split_once('`'));
        let rows: Vec<&str> = rows.map(|(variant, _)| variant).collect();
        let explained: BTreeSet<String> = rows.iter().map(|&variant| variant.to_owned()).collect();
        assert_eq!(explained.len(), rows.len(), "{name} has a row twice");
        assert_eq!(explained, variants(file, name), "{name}: left what errors.md explains, right what there is");
    }
}

#[test]
fn every_test_that_a_guarantee_names_exists() {
    let text = chapters()["guarantees.md"].prose.join("\n");
    let mut named = 0;
    for claim in text.split("Tested by ").skip(1) {
        let claim = claim.split("\n\n").next().unwrap_or_default();
        let mut source = String::new();
        for word in claim.split('`').skip(1).step_by(2) {
            if word.contains('/') {
                source = fs::read_to_string(repository(word)).unwrap_or_else(|error| panic!("{word}: {error}"));
            } else {
                assert!(source.contains(&format!("fn {word}(")), "there is no test `{word}` where guarantees.md says so");
                named += 1;
            }
        }
    }
    assert!(named > 20, "the guarantees name their tests");
}

#[test]
fn every_way_to_break_the_log_on_postgres_has_a_test() {
    let text = chapters()["guarantees.md"].prose.join("\n");
    let section =
        text.split("\n## On PostgreSQL\n").nth(1).expect("the section is there").split("\n## ").next().unwrap_or_default();
    let rows: Vec<_> = section.lines().filter(|line| line.ends_with("` |")).collect();
    for row in &rows {
        let [test, _, file] = row.rsplit('`').skip(1).take(3).collect::<Vec<_>>()[..] else { panic!("no test in {row}") };
        let path = format!("store-postgres/tests/{file}");
        let source = fs::read_to_string(repository(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(source.contains(&format!("fn {test}(")), "there is no test `{test}` in {path} where guarantees.md says so");
    }
    assert!(rows.len() > 20, "a row was not read: {}", rows.len());
}
