//! How far each part of an application has come.

use std::sync::Arc;

use annals_core::{LogPosition, Position};
use tokio::sync::watch;

use crate::error::WaitError;

/// How a part that reads a log is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It reads on.
    Running,
    /// Its last attempt failed; it tries again.
    Retrying(Arc<str>),
    /// It has stopped at a defect.
    Failed(Arc<str>),
    /// It was shut down.
    Stopped,
}

/// How far a part has come, and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Its name: `totals` for a projection, `$subscriber.mail` for a subscriber, `$saga.checkout` for a saga.
    pub name: String,
    /// Everything up to here has been taken in.
    pub scanned_to: Position,
    /// How it is doing.
    pub health: Health,
}

/// What a part reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) scanned_to: Position,
    pub(crate) health: Health,
}

/// Where a part reports its status, and others wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) name: Arc<str>,
    sender: watch::Sender<Report>,
}

impl Progress {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), sender: watch::Sender::new(Report { scanned_to: Position::ZERO, health: Health::Running }) }
    }

    pub(crate) fn status(&self) -> Status {
        let Report { scanned_to, health } = self.sender.borrow().clone();
        Status { name: self.name.to_string(), scanned_to, health }
    }

    pub(crate) fn reached(&self, scanned_to: Position) {
        self.sender.send_if_modified(|status| {
            let reached = Report { scanned_to, health: Health::Running };
            let changed = *status != reached;
            *status = reached;
            changed
        });
    }

    pub(crate) fn report(&self, health: Health) {
        self.sender.send_modify(|status| status.health = health);
    }

    /// Completes once everything up to `target` has been taken in.
    pub(crate) async fn wait_for(&self, target: LogPosition) -> Result<(), WaitError> {
        let mut receiver = self.sender.subscribe();
        let done = |status: &Report| {
            status.scanned_to >= target.position || matches!(status.health, Health::Failed(_) | Health::Stopped)
        };
        let status = match receiver.wait_for(done).await {
            Ok(status) => status.clone(),
            Err(_) => return Err(WaitError::ShutDown(target)),
        };
        if status.scanned_to >= target.position {
            return Ok(());
        }
        match status.health {
            Health::Failed(reason) => {
                Err(WaitError::Failed { name: self.name.to_string(), at: status.scanned_to, reason: reason.to_string() })
            }
            _ => Err(WaitError::ShutDown(target)),
        }
    }
}
