//! How orders come in: many at a time, and each safe to send again.

use std::error::Error;

use annals::prelude::*;
use futures_util::StreamExt;

use crate::input::Entry;
use crate::shop::Placed;
use crate::{Failure, full, report, shop};

/// How many orders are sent at a time. More would only wait in memory.
const AT_ONCE: usize = 64;

/// Sends the orders, so many at a time, and says which lines came to nothing. Returns the ids of the new ones.
pub(crate) async fn place_all(app: &App, entries: Vec<Entry>, quiet: bool, print_acks: bool) -> Result<Vec<String>, Failure> {
    let sending = entries.into_iter().map(|Entry { line, order }| async move {
        match order {
            Ok(order) => (line, order.order.clone(), shop::place(app, order).await.map_err(Refusal::of)),
            Err(reason) => (line, String::new(), Err(Refusal::Line(reason))),
        }
    });
    let mut sent = futures_util::stream::iter(sending).buffered(AT_ONCE);
    let mut new = Vec::new();
    while let Some((line, order, answer)) = sent.next().await {
        match answer {
            Ok(placed) => {
                if print_acks {
                    report::print(&format!("placed {order}\n"))?;
                }
                match placed {
                    Placed::New => new.push(order),
                    Placed::Before if quiet => {}
                    Placed::Before => report::print(&format!("line {line}: {order} is already placed\n"))?,
                    Placed::BeforeOtherwise => {
                        report::print(&format!("line {line}: {order} is already placed, with another content\n"))?;
                    }
                }
            }
            Err(Refusal::Line(reason)) => report::print(&format!("line {line}: {reason}\n"))?,
            Err(Refusal::Failure(reason)) => return Err(format!("line {line}: {reason}").into()),
        }
    }
    Ok(new)
}

/// Why an order was not placed.
enum Refusal {
    /// It is wrong. The others go on.
    Line(String),
    /// Something else is wrong.
    Failure(String),
}

impl Refusal {
    fn of<E: Error + Send + Sync + 'static>(error: SendError<E>) -> Self {
        match error {
            SendError::Rejected(reason) => Self::Line(reason.to_string()),
            // Such as an id that cannot be the name of a stream.
            SendError::Address(reason) => Self::Line(reason.to_string()),
            other => Self::Failure(full(&other)),
        }
    }
}
