//! A test that is meant to fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a failed test says.
pub(crate) fn failure(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).expect_err("the test should fail");
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    // Colours are for terminals, and a test may run on one.
    anstream::adapter::strip_str(&text.expect("it says why")).to_string()
}

/// The same without lines and columns of source files, which change.
#[allow(dead_code, reason = "not every test tells where it failed")]
pub(crate) fn without_lines(text: &str) -> String {
    let place = |line: &str| match line.split_once(".rs:") {
        Some((file, _)) if line.starts_with("  at ") => format!("{file}.rs\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(place).collect()
}
