use std::any::{Any, TypeId};
use std::sync::Arc;

use annals_core::store::{Capability, ViewName};
use annals_core::{ProjectionSink, ServiceKey, SinkError};

use crate::progress::Progress;
use crate::projection;
use crate::shared::Shared;

/// A part of an application that runs beside the commands.
pub(crate) struct Part {
    /// What it is called in errors.
    pub(crate) title: String,
    /// The name of its checkpoint.
    pub(crate) view: ViewName,
    /// Whether a receipt waits for it.
    pub(crate) is_projection: bool,
    /// Whether it leaves out what happened before its first start.
    pub(crate) from_now: bool,
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) services: Vec<ServiceKey>,
    /// The commands that it sends.
    pub(crate) sends: Vec<Sent>,
    /// For a saga: the type of its state and what runs its instances.
    pub(crate) runner: Option<(TypeId, Arc<dyn Any + Send + Sync>)>,
    pub(crate) start: Start,
}

/// A command that a part sends.
pub(crate) struct Sent {
    /// Who sends it, for errors.
    pub(crate) by: String,
    /// The category of the aggregate.
    pub(crate) aggregate: &'static str,
    /// The name of the command.
    pub(crate) command: &'static str,
}

type Run = Box<dyn FnOnce(&Arc<Shared>, Progress) + Send>;

/// How a part begins to run.
pub(crate) enum Start {
    /// With the application around it.
    With(Run),
    /// As a sink that the user gave.
    Sink(Box<dyn ProjectionSink>),
}

impl Start {
    /// Makes ready what has to be before the application starts.
    pub(crate) async fn prepare(&mut self) -> Result<(), SinkError> {
        match self {
            Self::With(_) => Ok(()),
            Self::Sink(sink) => sink.setup().await,
        }
    }

    pub(crate) fn run(self, shared: &Arc<Shared>, progress: Progress) {
        match self {
            Self::With(start) => start(shared, progress),
            Self::Sink(sink) => shared.spawn(projection::run(sink, Arc::clone(shared), progress)),
        }
    }
}

impl Part {
    /// A part that feeds a sink of this crate.
    pub(crate) fn feeding<K: ProjectionSink>(
        title: String,
        view: ViewName,
        is_projection: bool,
        make: impl FnOnce(&Arc<Shared>) -> K + Send + 'static,
    ) -> Self {
        let start = move |shared: &Arc<Shared>, progress: Progress| {
            let sink = Box::new(make(shared));
            shared.spawn(projection::run(sink, Arc::clone(shared), progress));
        };
        let start = Start::With(Box::new(start));
        Self {
            title,
            view,
            is_projection,
            from_now: false,
            capabilities: vec![Capability::Views],
            services: Vec::new(),
            sends: Vec::new(),
            runner: None,
            start,
        }
    }

    /// A part that feeds a sink of the user's.
    pub(crate) fn sink(sink: impl ProjectionSink) -> Self {
        let view = sink.name().clone();
        let (title, start) = (format!("the projection `{view}`"), Start::Sink(Box::new(sink)));
        Self {
            title,
            view,
            is_projection: true,
            from_now: false,
            capabilities: Vec::new(),
            services: Vec::new(),
            sends: Vec::new(),
            runner: None,
            start,
        }
    }
}
