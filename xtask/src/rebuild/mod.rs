//! `cargo xtask rebuild`: what the macros cost when a domain of 20 aggregates is built again after a change.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Failure, project};

const AGGREGATES: usize = 20;
const WITH_MACROS: &str = include_str!("with_macros.txt");
const BY_HAND: &str = include_str!("by_hand.txt");

/// Builds the same domain with the macros and by hand, changes a line of it `rounds` times, and prints how long `cargo
/// check` and `cargo build` take to catch up: medians, and their ratio.
pub(crate) fn measure(rounds: usize) -> Result<(), Failure> {
    let folder = project::root().join("target/rebuild");
    let subjects = [("with macros", "with_macros", WITH_MACROS), ("by hand", "by_hand", BY_HAND)];
    for (_, name, template) in subjects {
        write(&folder.join(name), name, template)?;
    }
    println!("{AGGREGATES} aggregates, each with 3 commands and 3 events; medians of {rounds} rebuilds after a changed line\n");
    println!("| | lines | `cargo check` | `cargo build` |\n|---|---|---|---|");
    let mut medians = Vec::new();
    for (title, name, template) in subjects {
        let package = folder.join(name);
        let check = median(&package, template, "check", rounds)?;
        let build = median(&package, template, "build", rounds)?;
        let lines = template.lines().count() * AGGREGATES;
        println!("| {title} | {lines} | {} ms | {} ms |", check.as_millis(), build.as_millis());
        medians.push((check, build));
    }
    if let [(check, build), (check_by_hand, build_by_hand)] = medians.as_slice() {
        let ratio = |one: &Duration, other: &Duration| one.as_secs_f64() / other.as_secs_f64();
        println!("| ratio | | {:.2} | {:.2} |", ratio(check, check_by_hand), ratio(build, build_by_hand));
    }
    Ok(())
}

fn write(package: &Path, name: &str, template: &str) -> Result<(), Failure> {
    let failed = |error| format!("{} cannot be written: {error}", package.display());
    fs::create_dir_all(package.join("src")).map_err(failed)?;
    let root = project::root();
    let manifest = format!(
        "[package]\nname = \"rebuild-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         annals = {{ path = {root:?}, default-features = false }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\nthiserror = \"2\"\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).map_err(failed)?;
    // The versions of the project: nothing has to be looked up.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).map_err(failed)?;
    let modules: String = (0..AGGREGATES).map(|number| format!("pub mod account_{number};\n")).collect();
    fs::write(package.join("src/lib.rs"), modules).map_err(failed)?;
    for number in 0..AGGREGATES {
        change(package, template, number, 0)?;
    }
    Ok(())
}

/// Writes a module; another `round` gives another text.
fn change(package: &Path, template: &str, number: usize, round: usize) -> Result<(), Failure> {
    let text = template
        .replace("CATEGORY_NAME", &format!("account_{number}"))
        .replace("there is only", &format!("{round}: there is only"));
    let file = package.join(format!("src/account_{number}.rs"));
    fs::write(&file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
fn median(package: &Path, template: &str, task: &str, rounds: usize) -> Result<Duration, Failure> {
    cargo(package, task)?;
    let mut times = Vec::with_capacity(rounds);
    for round in 1..=rounds {
        change(package, template, 0, round)?;
        let begun = Instant::now();
        cargo(package, task)?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().ok_or_else(|| "there must be at least one round".to_owned())
}

fn cargo(package: &Path, task: &str) -> Result<(), Failure> {
    let target = project::root().join("target/rebuild/target");
    let mut command = Command::new("cargo");
    command.args([task, "--quiet", "--offline"]).current_dir(package).env("CARGO_TARGET_DIR", target);
    let status = command.status().map_err(|error| format!("cargo cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {task}` failed in {}", package.display())) }
}
