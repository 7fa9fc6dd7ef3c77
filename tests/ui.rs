//! What the compiler answers to typical mistakes. `TRYBUILD=overwrite cargo test --test ui` writes the answers anew:
//! review them like code.

use std::process::Command;

/// Half of each answer is the compiler's, which words it anew from time to time.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_are_answered_in_the_words_of_the_user() {
    let version = Command::new("rustc").arg("--version").output().expect("the compiler that runs the tests is there");
    if !version.stdout.starts_with(COMPILER.as_bytes()) {
        eprintln!("skipped: the answers are those of {COMPILER}");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
}
