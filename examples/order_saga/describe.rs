//! What the program consists of: diagrams and data, made from the code.

use std::sync::Arc;

use annals::{MemoryStore, Saga};
use clap::ValueEnum;

use crate::checkout::Checkout;
use crate::shop::{self, Catalogue};
use crate::views::Notifications;
use crate::{Failure, report};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Described {
    /// The application: commands, aggregates, events, and where they lead.
    Application,
    /// The checkout: its steps, and how they are undone.
    Checkout,
    /// Everything, as JSON.
    Json,
}

pub(crate) fn print(what: Described) -> Result<(), Failure> {
    let store = Arc::new(MemoryStore::new());
    let application = || shop::application(store, Catalogue::bundled(), &Notifications::default()).describe();
    let text = match what {
        Described::Application => application().to_mermaid(),
        Described::Checkout => Checkout::definition()?.describe().to_mermaid(),
        Described::Json => serde_json::to_string_pretty(&application())? + "\n",
    };
    Ok(report::print(&text)?)
}
