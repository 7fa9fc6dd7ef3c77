//! A project that knows Annals under another name, and whose documentation has to be complete: what the macros generate
//! raises no lint of rustdoc, and what a reader of the documentation sees has words.
//!
//! `cargo doc`, which CI runs, checks the half that the compiler does not.
#![deny(warnings, missing_docs, rustdoc::all)]

use std::convert::Infallible;

use framework::{Command, Event, EventContext, aggregate, projection};
use serde::{Deserialize, Serialize};

/// What can happen to a shelf.
#[derive(Debug, Event)]
#[event(crate = framework)]
pub enum ShelfEvent<T> {
    /// Something was put on it.
    Filled {
        /// What.
        item: T,
        /// By whom.
        #[tag]
        by: String,
    },
    /// It was emptied.
    #[deprecated(note = "it is never empty")]
    Emptied,
}

/// Puts something on a shelf.
#[derive(Debug, Command)]
#[command(crate = framework)]
pub struct Fill<T> {
    /// Which.
    #[id]
    pub shelf: String,
    /// What.
    pub item: T,
}

/// Clears a shelf, as was done once.
#[deprecated(note = "it is never empty")]
#[derive(Debug, Command)]
#[command(crate = framework)]
pub struct Clear {
    /// Which.
    #[id]
    pub shelf: String,
}

/// A shelf of numbers.
#[aggregate(id = String, event = ShelfEvent<u64>, crate = framework)]
#[derive(Debug, Default)]
pub struct Shelf {
    /// How many.
    pub count: u64,
}

#[aggregate(crate = framework)]
impl Shelf {
    /// Puts it there.
    #[command]
    fn fill(&self, command: Fill<u64>) -> Result<ShelfEvent<u64>, Infallible> {
        Ok(ShelfEvent::Filled { item: command.item, by: String::new() })
    }

    /// Forgets the count.
    #[command(pub Forget, derive(Debug))]
    fn forget(&self) -> Result<[ShelfEvent<u64>; 0], Infallible> {
        Ok([])
    }

    #[event]
    fn evolve(&mut self, event: &ShelfEvent<u64>) {
        if matches!(event, ShelfEvent::Filled { .. }) {
            self.count += 1;
        }
    }
}

/// What is on all shelves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Stock {
    /// The sum.
    pub sum: u64,
}

#[projection(crate = framework)]
impl Stock {
    #[on]
    fn shelf(&mut self, event: &ShelfEvent<u64>, _context: &EventContext<'_>) {
        if let ShelfEvent::Filled { item, .. } = event {
            self.sum += item;
        }
    }
}

#[cfg(test)]
mod tests {
    use framework::{Aggregate, Behaviour, Projection};

    use super::*;

    #[test]
    fn another_name_leads_to_the_same() {
        assert_eq!((Shelf::CATEGORY, Stock::NAME), ("shelf", "stock"));
        assert_eq!(Shelf::COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>(), ["fill", "forget"]);
        let event = ShelfEvent::Filled { item: 7, by: "ann".to_owned() };
        assert_eq!(event.encode().unwrap().data, r#"{"item":7,"by":"ann"}"#);
    }
}
