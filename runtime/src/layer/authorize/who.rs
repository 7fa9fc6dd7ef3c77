use annals_core::{Metadata, Tenant};

use crate::engine::{Origin, Request};

/// Who wants a command to be executed, as a rule of [`AuthorizeLayer`](super::AuthorizeLayer) sees it.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a>(&'a Request);

impl<'a> Who<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        Self(request)
    }

    /// On whose behalf it is sent: the actor of its metadata.
    pub fn actor(&self) -> Option<&'a str> {
        self.0.metadata().actor.as_deref()
    }

    /// Whether it is sent on behalf of `actor`.
    pub fn is(&self, actor: &str) -> bool {
        self.actor() == Some(actor)
    }

    /// The tenant whose aggregate it is for.
    pub fn tenant(&self) -> &'a Tenant {
        self.0.tenant()
    }

    /// Everything that is known besides the command, such as keys of the application.
    pub fn metadata(&self) -> &'a Metadata {
        self.0.metadata()
    }

    /// Where it comes from. Rules are asked about what is sent and about what was put off; sagas are allowed as a whole.
    pub fn origin(&self) -> &'a Origin {
        self.0.origin()
    }
}
