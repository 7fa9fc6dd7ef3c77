//! An append on its way.

use annals_core::store::{AppendError, Appended};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::unit::Unit;

/// Where somebody waits for what becomes of an append.
pub(crate) type Outcome = oneshot::Receiver<Result<Appended, AppendError>>;

/// An append on its way, with the place where the answer goes.
pub(crate) struct Job {
    pub(crate) unit: Unit,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
    /// Its place in the queue, which is free again when this is dropped.
    _place: OwnedSemaphorePermit,
}

impl Job {
    pub(crate) fn new(unit: Unit, place: OwnedSemaphorePermit) -> (Self, Outcome) {
        let (reply, outcome) = oneshot::channel();
        (Self { unit, reply, _place: place }, outcome)
    }

    /// Tells the outcome. Who has stopped waiting is not told.
    pub(crate) fn answer(self, outcome: Result<Appended, AppendError>) {
        // Then nobody is left to tell.
        let _ = self.reply.send(outcome);
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}
