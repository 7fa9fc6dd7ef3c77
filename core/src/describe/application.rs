use serde::Serialize;

use super::{Aggregate, Projection, Saga, Subscriber};
use crate::store::StoreInfo;

/// What an application consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Application {
    /// The store it runs on.
    pub store: Store,
    /// Its aggregates, in the order in which they were added, as everything else.
    pub aggregates: Vec<Aggregate>,
    /// Its read models.
    pub projections: Vec<Projection>,
    /// What is called for each event.
    pub subscribers: Vec<Subscriber>,
    /// Its sagas.
    pub sagas: Vec<Saga>,
}

/// A store, as an application sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Store {
    /// What kind of store it is, such as `sqlite`.
    pub name: String,
    /// Whether what it acknowledged survives the end of the process.
    pub durable: bool,
    /// What it keeps besides events.
    pub keeps: Vec<String>,
}

impl Application {
    /// An application on a store, without any parts.
    pub fn new(store: &StoreInfo) -> Self {
        Self { store: store.into(), aggregates: Vec::new(), projections: Vec::new(), subscribers: Vec::new(), sagas: Vec::new() }
    }
}

impl From<&StoreInfo> for Store {
    fn from(info: &StoreInfo) -> Self {
        let keeps = info.capabilities.iter().map(ToString::to_string).collect();
        Self { name: info.name.to_owned(), durable: info.durable, keeps }
    }
}
