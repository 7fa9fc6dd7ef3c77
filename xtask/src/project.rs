//! What Cargo knows about the workspace.

use std::path::PathBuf;

use serde_json::Value;

use crate::{Failure, process};

/// The workspace, as `cargo metadata` describes it.
pub(crate) struct Project(Value);

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    // Cargo says it to what it runs; the other is for an `xtask` that is called by its path.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), PathBuf::from)
}

/// Where Cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

impl Project {
    /// Asks Cargo.
    pub(crate) fn read() -> Result<Self, Failure> {
        let output = process::cargo(&["metadata", "--no-deps", "--format-version=1"]).output();
        let output = output.map_err(|error| format!("`cargo metadata` cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        let read = serde_json::from_slice(&output.stdout);
        read.map(Self).map_err(|error| format!("`cargo metadata` cannot be understood: {error}"))
    }

    /// Whether one of the packages has a library, and so may have tests in its documentation.
    pub(crate) fn has_library(&self, packages: &[&str]) -> bool {
        packages.iter().any(|package| !self.targets(package, &["lib", "proc-macro"]).is_empty())
    }

    /// The features of the facade, but for `default`.
    pub(crate) fn features(&self) -> Vec<&str> {
        let features = self.package("annals").and_then(|package| package["features"].as_object());
        features.into_iter().flat_map(|features| features.keys()).map(String::as_str).filter(|name| *name != "default").collect()
    }

    /// The examples of the facade, in order of their names.
    pub(crate) fn examples(&self) -> Vec<&str> {
        let mut examples = self.targets("annals", &["example"]);
        examples.sort_unstable();
        examples
    }

    fn targets(&self, package: &str, kinds: &[&str]) -> Vec<&str> {
        let targets = self.package(package).and_then(|package| package["targets"].as_array());
        let is_of_kind =
            |target: &&Value| target["kind"].as_array().is_some_and(|of| of.iter().any(|kind| kinds.iter().any(|k| kind == k)));
        targets.into_iter().flatten().filter(is_of_kind).filter_map(|target| target["name"].as_str()).collect()
    }

    fn package(&self, name: &str) -> Option<&Value> {
        self.0["packages"].as_array()?.iter().find(|package| package["name"] == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_examples_and_libraries_are_found() {
        let project = Project(serde_json::json!({ "packages": [
            { "name": "annals", "features": { "default": ["memory"], "memory": [], "sqlite": [] }, "targets": [
                { "name": "annals", "kind": ["lib"] },
                { "name": "swap_store", "kind": ["example"] },
                { "name": "quickstart", "kind": ["example"] },
            ] },
            { "name": "xtask", "features": {}, "targets": [{ "name": "xtask", "kind": ["bin"] }] },
        ] }));
        assert_eq!(project.features(), ["memory", "sqlite"]);
        assert_eq!(project.examples(), ["quickstart", "swap_store"]);
        assert!(project.has_library(&["xtask", "annals"]) && !project.has_library(&["xtask"]));
    }
}
