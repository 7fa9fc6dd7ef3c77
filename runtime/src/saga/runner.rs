use std::sync::Arc;

use annals_core::saga::Definition;
use annals_core::store::ViewName;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::drive::drive;
use super::listener::Listener;
use crate::alarm::Alarm;
use crate::progress::{Health, Progress};
use crate::projection;
use crate::shared::Shared;

/// Drives the instances of a saga.
pub(crate) struct Runner<S> {
    pub(crate) saga: Definition<S>,
    alarm: Arc<Alarm>,
}

impl<S: Serialize + DeserializeOwned + Send + Sync + 'static> Runner<S> {
    pub(crate) fn new(saga: Definition<S>) -> Self {
        let alarm = Alarm::new(saga.category().clone());
        Self { saga, alarm }
    }

    /// Says that an instance may be due.
    pub(super) fn nudge(&self) {
        self.alarm.nudge();
    }

    /// Starts the tasks of the saga: one that listens for events, one that drives the instances that are due.
    pub(crate) fn start(self: Arc<Self>, shared: &Arc<Shared>, name: ViewName, progress: Progress) {
        let (runner, with) = (Arc::clone(&self), Arc::clone(shared));
        let drive_one = move |stream| {
            let (runner, with) = (Arc::clone(&runner), Arc::clone(&with));
            async move { drive(&runner.saga, &with, stream).await }
        };
        shared.spawn(Arc::clone(&self.alarm).serve(Arc::clone(shared), drive_one));
        match self.saga.listens_to() {
            Some(filter) => {
                let listener = Listener { runner: self, shared: Arc::clone(shared), name, filter };
                shared.spawn(projection::run(Box::new(listener), Arc::clone(shared), progress));
            }
            None => progress.idle(),
        }
    }
}

impl<S> std::fmt::Debug for Runner<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("saga", &self.saga).field("alarm", &self.alarm).finish()
    }
}

impl Progress {
    /// A part that reads no log has always come as far as anybody waits for.
    fn idle(&self) {
        self.reached(annals_core::Position::MAX);
        self.report(Health::Running);
    }
}
