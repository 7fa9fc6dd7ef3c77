//! What `cargo xtask` tells those whom it starts about servers. Cargo is played by a script.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

/// Says the variable, and what Cargo says otherwise where it is asked.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
    metadata*) echo '{ "packages": [{ "name": "annals", "targets": [{ "name": "shop", "kind": ["example"] }] }] }' ;;
    nextest*) exit 1 ;;
    *) echo "told: $1 ${DATABASE_URL-nothing}"; echo "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured" ;;
esac
"#;

fn xtask(arguments: &[&str], url: Option<&str>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    fs::write(&cargo, CARGO).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(arguments).env("CARGO", cargo).env_remove("DATABASE_URL").stdin(Stdio::null());
    xtask.envs(url.map(|url| ("DATABASE_URL", url))).output().unwrap()
}

#[test]
fn tests_and_examples_are_told_where_the_server_is() {
    for (arguments, runners) in [(&["test"][..], ["test", "test"]), (&["ci", "examples"], ["build", "run"])] {
        let output = xtask(arguments, None);

        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}\n{error}");
        let told = said.lines().filter_map(|line| line.strip_prefix("told: ")?.split_once(' '));
        let (who, urls): (Vec<_>, Vec<_>) = told.unzip();
        assert_eq!(who, runners, "{said}");
        // What only builds needs no server.
        let is_told = |(who, url): (&str, &str)| who == "build" || url.starts_with("postgres://postgres@127.0.0.1:");
        assert!(who.into_iter().zip(urls).all(is_told), "{said}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_an_error_and_not_replaced() {
    for arguments in [&["test"][..], &["ci", "examples"]] {
        let output = xtask(arguments, Some("postgres://ann:s3cret@127.0.0.1:1/shop"));

        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success());
        let failure =
            "the PostgreSQL server that `DATABASE_URL` names cannot be used: `shop` at 127.0.0.1:1 as `ann` cannot be reached";
        assert!(error.contains(failure), "{error}");
        assert!(!said.contains("told: ") && !format!("{said}{error}").contains("s3cret"), "{said}\n{error}");
    }
}
