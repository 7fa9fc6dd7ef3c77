use std::any::{Any, TypeId};
use std::sync::Arc;

use annals_core::store::{Capability, ViewName};
use annals_core::{ProjectionSink, ServiceKey};

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
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) services: Vec<ServiceKey>,
    /// For a saga: the type of its state and what runs its instances.
    pub(crate) runner: Option<(TypeId, Arc<dyn Any + Send + Sync>)>,
    pub(crate) start: Start,
}

type Start = Box<dyn FnOnce(&Arc<Shared>, Progress) + Send>;

impl Part {
    /// A part that feeds a sink.
    pub(crate) fn sink<K: ProjectionSink>(
        title: String,
        view: ViewName,
        is_projection: bool,
        capabilities: Vec<Capability>,
        make: impl FnOnce(&Arc<Shared>) -> K + Send + 'static,
    ) -> Self {
        let start = move |shared: &Arc<Shared>, progress: Progress| {
            let sink = Box::new(make(shared));
            shared.spawn(projection::run(sink, Arc::clone(shared), progress));
        };
        Self { title, view, is_projection, capabilities, services: Vec::new(), runner: None, start: Box::new(start) }
    }
}
