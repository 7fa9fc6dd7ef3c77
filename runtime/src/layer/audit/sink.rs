use tower::BoxError;

use super::AuditEntry;

/// Takes the entries of an [`AuditLayer`](super::AuditLayer). A closure that takes an [`AuditEntry`] and returns a `Result` is one.
pub trait AuditSink: Send + Sync + 'static {
    /// Records what became of a command.
    ///
    /// It is called once a command, in the task of the sender and before the sender is answered, from many tasks at once. It must
    /// not block: what takes time is put into a channel, for a task of its own to write.
    ///
    /// # Errors
    /// If it cannot be recorded. The answer of the command stays what it is, and the error is logged.
    fn record(&self, entry: AuditEntry) -> Result<(), BoxError>;
}

impl<F, E> AuditSink for F
where
    F: Fn(AuditEntry) -> Result<(), E> + Send + Sync + 'static,
    E: Into<BoxError>,
{
    fn record(&self, entry: AuditEntry) -> Result<(), BoxError> {
        self(entry).map_err(Into::into)
    }
}

#[cfg(test)]
fn _is_object_safe(_: &dyn AuditSink) {}
