//! The order saga: an online shop in which every order is placed, paid and shipped, or cancelled as a whole.
//!
//! ```text
//! cargo run --example order_saga
//! cargo run --release --example order_saga -- --generate 10000
//! ```
//!
//! Read it from here: `order.rs` is an aggregate (`stock.rs`, `payment.rs` and `shipment.rs` are more of them),
//! `checkout.rs` the saga, `courier.rs` the outside world it calls, `views.rs` what is read, `shop.rs` puts the application
//! together, `tests.rs` tests it all. The rest is about the program: where orders come from, what is printed, and the proof
//! that it adds up.

mod abort;
mod audit;
mod checkout;
mod courier;
mod describe;
mod generate;
mod input;
mod intake;
mod money;
mod order;
mod payment;
mod report;
mod run;
mod shipment;
mod shop;
mod stock;
mod views;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use describe::Described;

/// An online shop: orders are placed, paid and shipped, or cancelled as a whole.
#[derive(Debug, Parser)]
#[command(name = "order_saga")]
struct Options {
    /// A file of orders, one JSON object a line. Without it, the orders that come with the program.
    file: Option<PathBuf>,

    /// Where to keep everything: `memory:`, `sqlite:PATH` or, with the feature `postgres`, `postgres://…`. By default a file in the folder for temporary files.
    #[arg(long, value_name = "URL")]
    store: Option<String>,

    /// Make up so many orders instead of reading them. About one in five fails.
    #[arg(long, value_name = "N", conflicts_with = "file", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    generate: Option<u64>,

    /// What the made-up orders depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Print only what went wrong, and how fast made-up orders went.
    #[arg(long)]
    quiet: bool,

    /// Print what the program consists of, as a Mermaid diagram or as JSON, and run nothing.
    #[arg(
        long, value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "application",
        exclusive = true
    )]
    describe: Option<Described>,

    /// End the process right after the N-th commit, as a crash would. Run again without it to see it go on.
    #[arg(long, value_name = "N")]
    abort_after: Option<u64>,

    /// End the process right before the N-th commit.
    #[arg(long, value_name = "N", hide = true)]
    abort_before: Option<u64>,

    /// Print `placed ID` as soon as an order is acknowledged.
    #[arg(long, hide = true)]
    print_acks: bool,
}

/// What ends the program before its time, on any thread.
type Failure = Box<dyn Error + Send + Sync>;

/// 0: it adds up. 1: it does not. 2: it could not begin.
#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.describe {
        Some(what) => describe::print(what).map(|()| true),
        None => run::run(options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", full(&*error));
            ExitCode::from(2)
        }
    }
}

/// An error with its causes.
fn full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Some errors say what their cause says.
        if !text.ends_with(&error.to_string()) {
            text = format!("{text}: {error}");
        }
        cause = error.source();
    }
    text
}
