//! What the writer is asked to do, and what it answers.

use annals_core::store::{Append, AppendError, Appended, QueueName, ReadError, ViewCommit, ViewError, ViewName};
use annals_core::{MessageId, SinkError};
use tokio::sync::oneshot;

use crate::error::{Fault, Result};
use crate::projection::Task;
use crate::session::Session;
use crate::{append, outbox, views};

pub(crate) type Reply<T, E> = oneshot::Sender<Result<T, E>>;

/// A piece of work for the writer, with the place where the answer goes.
pub(crate) enum Job {
    Append(Append, Reply<Appended, AppendError>),
    CommitView(ViewCommit, Reply<(), ViewError>),
    ResetView(ViewName, u32, Reply<(), ViewError>),
    Settle(QueueName, Vec<MessageId>, Reply<(), ReadError>),
    Project(Box<Task>, Reply<(), SinkError>),
}

/// What a piece of work came to. It is told only once it is on the disk.
pub(crate) enum Outcome {
    Append(Result<Appended, AppendError>),
    View(Result<(), ViewError>),
    Settled,
    Projected(Result<(), SinkError>),
    /// Nobody waited for it any more when it was its turn.
    Abandoned,
}

impl Job {
    /// Roughly how many bytes it adds to a batch.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Append(append, _) => {
                append.events().map(|(_, event)| event.payload.len() + event.metadata.as_bytes().len()).sum()
            }
            Self::CommitView(commit, _) => commit.changes.len() * 256,
            Self::ResetView(..) => 0,
            Self::Settle(_, messages, _) => messages.len() * 16,
            Self::Project(task, _) => task.bytes(),
        }
    }

    /// Whether nobody waits for the answer.
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Append(_, reply) => reply.is_closed(),
            Self::CommitView(_, reply) | Self::ResetView(_, _, reply) => reply.is_closed(),
            Self::Settle(_, _, reply) => reply.is_closed(),
            Self::Project(_, reply) => reply.is_closed(),
        }
    }

    /// Does the work within the transaction of the session. A fault is that of the connection: it ends the batch.
    pub(crate) fn run(&self, session: &mut Session<'_>) -> Result<Outcome> {
        if self.is_abandoned() {
            return Ok(Outcome::Abandoned);
        }
        match self {
            Self::Append(append, _) => append::append(session, append).map(Outcome::Append),
            Self::CommitView(commit, _) => views::write(session.connection, commit).map(Outcome::View),
            Self::ResetView(view, version, _) => views::reset(session.connection, view, *version).map(|()| Outcome::View(Ok(()))),
            Self::Settle(queue, messages, _) => outbox::settle(session.connection, queue, messages).map(|()| Outcome::Settled),
            Self::Project(task, _) => task.run(session).map(Outcome::Projected),
        }
    }

    /// Tells the outcome. Who has stopped waiting is not told.
    pub(crate) fn answer(self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Append(_, reply), Outcome::Append(result)) => drop(reply.send(result)),
            (Self::CommitView(_, reply) | Self::ResetView(_, _, reply), Outcome::View(result)) => drop(reply.send(result)),
            (Self::Settle(_, _, reply), Outcome::Settled) => drop(reply.send(Ok(()))),
            (Self::Project(_, reply), Outcome::Projected(result)) => drop(reply.send(result)),
            // Each kind of work has its own outcome, and nobody waits for what was abandoned.
            _ => {}
        }
    }

    /// Tells that the connection failed. `file` names the store.
    pub(crate) fn fail(self, fault: &Fault, file: &str) {
        match self {
            Self::Append(_, reply) => drop(reply.send(Err(fault.append_error(&format!("append to {file}"))))),
            Self::CommitView(commit, reply) => {
                drop(reply.send(Err(fault.view_error(&format!("commit the view `{}` to {file}", commit.view)))));
            }
            Self::ResetView(view, _, reply) => {
                drop(reply.send(Err(fault.view_error(&format!("reset the view `{view}` in {file}")))))
            }
            Self::Settle(queue, _, reply) => {
                drop(reply.send(Err(fault.read_error(&format!("settle messages of `{queue}` in {file}")))));
            }
            Self::Project(task, reply) => drop(reply.send(Err(task.failed(fault, file)))),
        }
    }
}
