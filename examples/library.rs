//! A library: copies that are lent, a queue of those who wait, and what each reader has at home.

use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use annals::prelude::*;
use serde::{Deserialize, Serialize};

const LOAN: Duration = Duration::from_secs(28 * 24 * 3_600);

#[derive(Event, Clone, Debug, PartialEq)]
enum VolumeEvent {
    Lent { reader: String, due: Timestamp },
    Renewed { reader: String, due: Timestamp },
    Returned { reader: String },
    Queued { reader: String },
    Left { reader: String },
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum VolumeError {
    #[error("{0} has it")]
    LentTo(String),
    #[error("it is kept for {0}")]
    KeptFor(String),
    #[error("{0} does not have it")]
    NotLentTo(String),
    #[error("others wait for it")]
    Awaited,
    #[error("who has it cannot wait for it")]
    HasIt,
}

/// One copy of a book.
#[aggregate(id = String, event = VolumeEvent)]
#[derive(Clone, Debug, Default)]
struct Volume {
    reader: Option<String>,
    queue: VecDeque<String>,
}

#[aggregate]
impl Volume {
    /// Lends the copy: to whoever waits first, or to anybody if nobody waits.
    #[command(Lend)]
    fn lend(&self, reader: String, context: &Context) -> Result<Vec<VolumeEvent>, VolumeError> {
        if let Some(other) = &self.reader {
            return Err(VolumeError::LentTo(other.clone()));
        }
        let due = context.now.after(LOAN);
        match self.queue.front() {
            Some(first) if *first != reader => Err(VolumeError::KeptFor(first.clone())),
            Some(_) => Ok(vec![VolumeEvent::Left { reader: reader.clone() }, VolumeEvent::Lent { reader, due }]),
            None => Ok(vec![VolumeEvent::Lent { reader, due }]),
        }
    }

    #[command(Renew)]
    fn renew(&self, reader: String, context: &Context) -> Result<VolumeEvent, VolumeError> {
        ensure!(self.is_with(&reader), VolumeError::NotLentTo(reader));
        ensure!(self.queue.is_empty(), VolumeError::Awaited);
        Ok(VolumeEvent::Renewed { reader, due: context.now.after(LOAN) })
    }

    #[command(Return)]
    fn give_back(&self, reader: String) -> Result<VolumeEvent, VolumeError> {
        ensure!(self.is_with(&reader), VolumeError::NotLentTo(reader));
        Ok(VolumeEvent::Returned { reader })
    }

    /// Waits for the copy. Waiting twice changes nothing.
    #[command(Queue)]
    fn queue(&self, reader: String) -> Result<Option<VolumeEvent>, VolumeError> {
        ensure!(!self.is_with(&reader), VolumeError::HasIt);
        Ok((!self.queue.contains(&reader)).then_some(VolumeEvent::Queued { reader }))
    }

    #[event]
    fn evolve(&mut self, event: &VolumeEvent) {
        match event {
            VolumeEvent::Lent { reader, .. } => self.reader = Some(reader.clone()),
            VolumeEvent::Renewed { .. } => {}
            VolumeEvent::Returned { .. } => self.reader = None,
            VolumeEvent::Queued { reader } => self.queue.push_back(reader.clone()),
            VolumeEvent::Left { reader } => self.queue.retain(|other| other != reader),
        }
    }

    fn is_with(&self, reader: &str) -> bool {
        self.reader.as_deref() == Some(reader)
    }
}

/// A copy that somebody has at home. What is returned is no document any more.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
struct AtHome {
    due: Option<Timestamp>,
}

#[projection]
impl AtHome {
    #[on]
    fn volume(&mut self, event: &VolumeEvent) -> Document {
        match event {
            VolumeEvent::Lent { due, .. } | VolumeEvent::Renewed { due, .. } => {
                self.due = Some(*due);
                Document::Keep
            }
            _ => Document::Delete,
        }
    }

    /// All copies of a reader are listed by the start of their keys.
    #[key]
    fn of_reader(event: &VolumeEvent, context: &EventContext<'_>) -> Option<String> {
        match event {
            VolumeEvent::Lent { reader, .. } | VolumeEvent::Renewed { reader, .. } | VolumeEvent::Returned { reader } => {
                Some(format!("{reader}/{}", context.stream_id()))
            }
            VolumeEvent::Queued { .. } | VolumeEvent::Left { .. } => None,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App::new(annals::connect("memory:").await?).aggregate::<Volume>().projection::<AtHome>().start().await?;
    let (dune, emma) = (|| "dune-1".to_owned(), || "emma-2".to_owned());
    app.send(Lend { id: dune(), reader: "ann".into() }).await?;
    app.send(Lend { id: emma(), reader: "ann".into() }).await?;
    app.send(Queue { id: dune(), reader: "bob".into() }).await?;
    match app.send(Renew { id: dune(), reader: "ann".into() }).await {
        Err(SendError::Rejected(no)) => println!("Ann cannot keep it: {no}"),
        other => println!("{other:?}"),
    }
    app.send(Return { id: dune(), reader: "ann".into() }).await?;
    let receipt = app.send(Lend { id: dune(), reader: "bob".into() }).await?;
    for reader in ["ann", "bob"] {
        let at_home = app.view::<AtHome>()?.at_least(&receipt).await?.list(&format!("{reader}/"), None, 10).await?;
        let copies: Vec<_> = at_home.iter().map(|(key, _)| key.as_str()).collect();
        println!("{reader} has {copies:?}");
    }
    app.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use annals_testing::Given;

    use super::*;

    #[test]
    fn a_copy_is_kept_for_whoever_waits_first() {
        let queued = |reader: &str| VolumeEvent::Queued { reader: reader.into() };
        Given::<Volume>::events([queued("bob"), queued("eve")])
            .when(Lend { id: "dune-1".into(), reader: "eve".into() })
            .then_rejected(VolumeError::KeptFor("bob".into()))
            .when(Lend { id: "dune-1".into(), reader: "bob".into() })
            .then_events(|events| assert_eq!(events[0], VolumeEvent::Left { reader: "bob".into() }));
    }
}
