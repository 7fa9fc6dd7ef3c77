//! What may know what: the rules that keep the crates apart, checked on the workspace as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each package may depend on among its siblings, and what its tests may use besides.
const SIBLINGS: [(&str, &[&str], &[&str]); 8] = [
    ("annals", &["annals-core", "annals-macros", "annals-runtime", "annals-store-*"], &["annals-testing"]),
    // The examples in the documentation of macros and engine are written as users write them.
    ("annals-macros", &[], &["annals"]),
    ("annals-runtime", &["annals-core"], &["annals", "annals-testing", "annals-store-memory"]),
    ("annals-testing", &["annals-core", "annals-store-postgres", "annals-store-sqlite"], &["annals", "annals-store-memory"]),
    // What one store does is compared with what the plainest does.
    ("annals-store-*", &["annals-core"], &["annals-testing", "annals-store-memory"]),
    ("annals-relay-*", &["annals-core", "annals-runtime"], &["annals-testing"]),
    // The same under another name.
    ("annals-renamed", &["annals"], &[]),
    // The book is read by those who use the facade.
    ("annals-book", &["annals"], &["annals-testing"]),
];

/// Packages that depend on no sibling at all.
const ALONE: [&str; 2] = ["annals-core", "xtask"];

/// Everything that `annals-core` may depend on: types and pure logic need no more. Whoever adds to the list says why in
/// the commit.
const CORE: [&str; 10] =
    ["async-trait", "bytes", "futures-util", "getrandom", "jiff", "serde", "serde_json", "sha2", "thiserror", "uuid"];

/// Everything that `annals-macros` may depend on.
const MACROS: [&str; 3] = ["proc-macro2", "quote", "syn"];

/// What must not come into a program through `annals-core`: runtimes, databases, parsers of Rust.
const NOT_IN_CORE: [&str; 8] = ["async-std", "futures-executor", "rusqlite", "smol", "sqlx", "sqlx-core", "syn", "tokio"];

/// The modules of `annals-core`, by tiers: a module imports from its own tier and those before it.
const TIERS: [&[&str]; 9] = [
    &["told", "text", "time", "env", "id"],
    &["position", "stream", "codec"],
    &["metadata"],
    &["event", "recorded", "command", "services"],
    &["aggregate", "dispatch"],
    &["decision", "macro_support"],
    &["store"],
    &["projection", "saga", "schedule"],
    &["describe"],
];

const MAX_LINES: usize = 400;

#[test]
fn packages_depend_on_siblings_in_one_direction_only() {
    for package in packages() {
        let name = text(&package["name"]);
        let (normal, tests) = allowed(name);
        for dependency in siblings(&package) {
            let (to, is_for_tests) = (text(&dependency["name"]), dependency["kind"] == "dev");
            let may = matches(normal, to) || is_for_tests && matches(tests, to);
            assert!(may, "{name} must not depend on {to}{}", if is_for_tests { ", not even for tests" } else { "" });
        }
    }
}

#[test]
fn siblings_are_released_together() {
    for package in packages() {
        for dependency in siblings(&package) {
            if dependency["kind"] == "dev" && dependency["req"] == "*" {
                continue; // by path alone: left out when the package is published
            }
            let expected = format!("={}", env!("CARGO_PKG_VERSION"));
            assert_eq!(dependency["req"], expected, "{} → {}", package["name"], dependency["name"]);
        }
    }
}

#[test]
fn core_and_macros_depend_on_what_is_listed_and_no_more() {
    for package in packages() {
        let expected: &[&str] = match text(&package["name"]) {
            "annals-core" => &CORE,
            "annals-macros" => &MACROS,
            _ => continue,
        };
        let all = array(&package["dependencies"]).iter().filter(|dependency| dependency["kind"] != "dev");
        let found: BTreeSet<&str> = all.map(|dependency| text(&dependency["name"])).collect();
        assert_eq!(found, expected.iter().copied().collect(), "{}", package["name"]);
    }
}

#[test]
fn core_brings_neither_runtime_nor_database() {
    // What procedural macros are built with stays on the machine of the developer.
    let tree = cargo(&["tree", "--offline", "--package=annals-core", "--edges=normal,no-proc-macro", "--prefix=none"]);
    let found: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(found.contains("serde_json"), "{tree}");
    for name in NOT_IN_CORE {
        assert!(!found.contains(name), "annals-core must not bring {name}:\n{tree}");
    }
}

#[test]
fn every_published_package_builds_its_documentation_with_all_features() {
    for package in packages() {
        if package["publish"] != Value::Array(Vec::new()) {
            assert_eq!(package["metadata"]["docs"]["rs"]["all-features"], true, "{}", package["name"]);
        }
    }
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    for file in rust_files(&root()) {
        let lines = read(&file).lines().count();
        if lines > MAX_LINES {
            long.push(format!("{lines} {}", file.strip_prefix(root()).unwrap().display()));
        }
    }
    assert!(long.is_empty(), "split by idea what has more than {MAX_LINES} lines: {long:#?}");
}

#[test]
fn the_modules_of_core_import_from_left_to_right() {
    let source = root().join("core/src");
    let lib = read(&source.join("lib.rs"));
    let owners = owners(&lib);
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let path = file.strip_prefix(&source).unwrap();
        let module = path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        for import in imports(&code(&read(&file))) {
            let from = owners.get(&import).unwrap_or(&import);
            // What is re-exported from another crate is at nobody's right.
            if lib.contains(&format!("mod {from};")) && tier(from) > tier(module) {
                wrong.push(format!("{}: `{import}` of `{from}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these imports go from right to left: {wrong:#?}");
}

#[test]
fn imports_are_found_in_code() {
    let text = "use crate::{A, store::{B, C}, d};\n// crate::Comment\nfn f() -> crate::E { crate::store::F }\n#[cfg(test)]\nmod tests { use crate::G; }";
    assert_eq!(imports(&code(text)).into_iter().collect::<Vec<_>>(), ["A", "E", "d", "store"]);
    let owners = owners("pub use one::{A, B as C};\npub use two::D;\n#[doc(hidden)]\npub use other_crate::X as Y;");
    let expected = [("A", "one"), ("C", "one"), ("D", "two"), ("Y", "other_crate")];
    assert_eq!(owners, expected.map(|(name, module)| (name.to_owned(), module.to_owned())).into());
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(args).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "cargo {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--offline", "--format-version=1"])).unwrap();
    array(&metadata["packages"]).to_vec()
}

fn siblings(package: &Value) -> impl Iterator<Item = &Value> {
    array(&package["dependencies"]).iter().filter(|dependency| dependency["path"].is_string())
}

/// What a package may depend on, and what its tests may use besides.
fn allowed(package: &str) -> (&'static [&'static str], &'static [&'static str]) {
    if ALONE.contains(&package) {
        return (&[], &[]);
    }
    let rule = SIBLINGS.iter().find(|(name, ..)| matches(&[name], package));
    let (_, normal, tests) = rule.unwrap_or_else(|| panic!("say in `SIBLINGS` what {package} may depend on"));
    (normal, tests)
}

fn matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            files.extend(rust_files(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}

fn tier(module: &str) -> usize {
    let found = TIERS.iter().position(|tier| tier.contains(&module));
    found.unwrap_or_else(|| panic!("say in `TIERS` where the module `{module}` of core belongs"))
}

/// The code without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first segments of all paths that start with `crate::`.
fn imports(code: &str) -> BTreeSet<String> {
    code.split("crate::").skip(1).flat_map(first_segments).collect()
}

/// `A, b::{C, D}}` after a brace gives `A`, `b`; `A::B` gives `A`.
fn first_segments(path: &str) -> Vec<String> {
    let word = |text: &str| {
        text.trim().split(|character: char| !(character.is_alphanumeric() || character == '_')).next().unwrap_or("").to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(word(&group[start..at]));
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// Which module each name at the root of a crate comes from, by its `pub use` lines.
fn owners(lib: &str) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for statement in lib.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()) {
        let Some((module, names)) = statement.split_once("::") else { continue };
        for name in names.trim_matches(['{', '}', '\n', ' ']).split(',') {
            let name = name.rsplit(" as ").next().unwrap_or(name).trim();
            owners.insert(name.to_owned(), module.to_owned());
        }
    }
    owners.remove("");
    owners
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
