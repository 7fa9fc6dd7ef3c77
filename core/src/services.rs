//! What an application lends to its `#[prepare]` methods and activities.

use std::any::{Any, TypeId, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// Names a type that a [`Services`] must hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ServiceKey {
    id: TypeId,
    name: &'static str,
}

impl ServiceKey {
    /// The key of a type.
    pub fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    /// The path of the type.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A service that the application does not have.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("the application has no service `{name}`: add one with `.service(…)`")]
#[non_exhaustive]
pub struct MissingService {
    /// The path of its type.
    pub name: &'static str,
}

crate::__debug_as_told!(MissingService);

/// The services of an application (gateways, clients, catalogues), found by their type. Cheap to clone.
#[derive(Clone, Default)]
pub struct Services(Arc<BTreeMap<TypeId, Service>>);

/// The path of its type, and itself.
type Service = (&'static str, Arc<dyn Any + Send + Sync>);

impl Services {
    /// Adds a service; one of the same type is replaced and given back as `true`.
    pub fn insert<T: Send + Sync + 'static>(&mut self, service: T) -> bool {
        Arc::make_mut(&mut self.0).insert(TypeId::of::<T>(), (type_name::<T>(), Arc::new(service))).is_some()
    }

    /// The service of a type.
    ///
    /// # Errors
    /// [`MissingService`], which names the type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<&T, MissingService> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|(_, service)| service.downcast_ref())
            .ok_or(MissingService { name: type_name::<T>() })
    }

    /// The service of a type, to keep.
    ///
    /// # Errors
    /// [`MissingService`], which names the type.
    pub fn get_arc<T: Send + Sync + 'static>(&self) -> Result<Arc<T>, MissingService> {
        self.0
            .get(&TypeId::of::<T>())
            .and_then(|(_, service)| Arc::clone(service).downcast().ok())
            .ok_or(MissingService { name: type_name::<T>() })
    }

    /// Whether there is a service for `key`.
    ///
    /// # Errors
    /// [`MissingService`], which names the type.
    pub fn check(&self, key: ServiceKey) -> Result<(), MissingService> {
        if self.0.contains_key(&key.id) { Ok(()) } else { Err(MissingService { name: key.name }) }
    }
}

impl fmt::Debug for Services {
    /// Shows the types only: a service may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.values().map(|(name, _)| name)).finish()
    }
}
