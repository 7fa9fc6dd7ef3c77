//! Development tasks of Annals: `cargo xtask test`, `cargo xtask ci`, `cargo xtask lines`, `cargo xtask diagrams` …

mod bench;
mod ci;
mod diagrams;
mod examples;
mod lines;
mod needs;
mod process;
mod project;
mod rebuild;
mod server;
mod summary;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What kept a task from being done, in a sentence for the developer.
type Failure = String;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development tasks of Annals")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs all tests: with cargo-nextest if it is installed, else with cargo test; then those in the documentation.
    Test {
        /// Handed to the test runner: `-p annals-core`, a part of a test's name …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Runs every check of CI, or only those that are named.
    Ci {
        /// The checks; all of them if none is named.
        checks: Vec<ci::Check>,
    },
    /// Fails if a Rust file has more than 400 lines, and lists those that do.
    Lines,
    /// Draws the diagrams in the book anew, from the examples.
    Diagrams,
    /// Runs a command with a server that is started for it and thrown away afterwards; the variable of the tests names it.
    Server {
        /// What kind of server.
        kind: server::Kind,
        /// The command: `cargo nextest run -p annals-store-postgres` …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
    /// Keeps a server for as long as its standard input is open. The other tasks start it.
    #[command(hide = true)]
    Keep { kind: server::Kind },
    /// Measures Annals beside the same work by hand and beside other frameworks, on a server of its own.
    Bench(bench::Options),
    /// Measures how long a domain of 20 aggregates takes to build again after a change, with the macros and by hand.
    Rebuild {
        /// How often each is measured.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        // The counts are the last line, also when they are bad.
        Task::Test { args } => test::run(&args).map(|counts| counts.failed == 0 && counts.passed > 0),
        Task::Ci { checks } => ci::run(&checks).map(|()| true),
        Task::Lines => lines::check().map(|()| true),
        Task::Diagrams => diagrams::write().map(|()| true),
        Task::Server { kind, command } => server::with(kind, &command),
        Task::Keep { kind } => server::keep(kind, std::io::stdin(), std::io::stdout()).map(|()| true),
        Task::Bench(options) => bench::run(&options).map(|()| true),
        Task::Rebuild { rounds } => rebuild::measure(rounds).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
