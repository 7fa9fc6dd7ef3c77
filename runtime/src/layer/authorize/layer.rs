use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use annals_core::{Command, Tenant};
use tower::Layer;
use tower::filter::Filter;

use super::Who;
use super::predicate::{Authorize, Rule, Rules};

/// Lets only those commands through that a rule allows: a command without a rule is refused as
/// [`Forbidden`](super::Forbidden).
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use annals::layer::{AuthorizeLayer, Forbidden};
///
/// let rules = AuthorizeLayer::new()
///     .allow::<Deposit>(|who, deposit| who.is("clerk") || who.is(&deposit.account))
///     .allow_sagas();
/// let app = App::new(store).aggregate::<Account>().layer(rules).start().await?;
/// app.as_actor("ann").send(deposit("ann", 5)).await?;
/// let Err(error) = app.as_actor("eve").send(deposit("ann", 5)).await else { unreachable!() };
/// assert_eq!(error.layer::<Forbidden>().unwrap().to_string(), "`eve` may not send `deposit`: no rule allows it");
/// # Ok(())
/// # }
/// ```
///
/// # Who asks
/// The actor is the one in the metadata: [`App::as_actor`](crate::App::as_actor) sets it once a request, from what the
/// service has authenticated. A layer cannot change it. What has no actor is asked about like everything else.
///
/// - What is **sent** is asked about when it is sent. What is sent by a subscriber, too: give it an actor of its own.
/// - What is **put off** is asked about when it is put off and again when it is due, both times as whoever put it off: putting a
///   command off gives nobody a right, and a right that was taken away meanwhile is gone.
/// - What a **saga** sends is the doing of the application, set off by somebody who may have no right to its single steps. The
///   rules are not asked, and the actor that it inherited counts for nothing: a saga is allowed as a whole, by
///   [`allow_saga`](Self::allow_saga) or [`allow_sagas`](Self::allow_sagas), or its commands are refused and it undoes what it did.
///   An undo that is refused is tried until it is allowed.
///
/// If several commands are sent together, all must be allowed. Starting a saga, resuming one and calling a command off are no
/// commands: guard them where you call them, and what is read as well. Rules must be quick and cannot wait; for what has to be fetched there is tower's
/// [`AsyncFilterLayer`](tower::filter::AsyncFilterLayer).
#[derive(Clone, Default)]
#[must_use = "it guards nothing until it is added with `.layer(…)`"]
pub struct AuthorizeLayer {
    rules: Rules,
}

impl AuthorizeLayer {
    /// A layer without a rule: it refuses everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a command of the type `C` if `rule` says so. Of several rules for one command, one that allows is enough.
    pub fn allow<C: Command>(mut self, rule: impl Fn(&Who<'_>, &C) -> bool + Send + Sync + 'static) -> Self {
        let ask: Rule = Arc::new(move |who, command| command.get::<C>().is_some_and(|command| rule(who, command)));
        let (_, rules) = self.rules.commands.entry(TypeId::of::<C>()).or_insert((C::NAME, Vec::new()));
        rules.push(ask);
        self
    }

    /// Keeps tenants apart: before any rule is asked, a command is refused unless `belongs` says that its actor belongs to
    /// the tenant of its aggregate. A command without an actor belongs nowhere.
    ///
    /// Sagas need no such check: their commands are for the tenant of the instance.
    ///
    /// ```
    /// use annals::layer::AuthorizeLayer;
    ///
    /// // Actors are called `acme/ann` here.
    /// let rules = AuthorizeLayer::new().isolate(|actor, tenant| actor.split_once('/').is_some_and(|(of, _)| of == tenant.as_str()));
    /// # let _ = rules;
    /// ```
    pub fn isolate(mut self, belongs: impl Fn(&str, &Tenant) -> bool + Send + Sync + 'static) -> Self {
        self.rules.belongs = Some(Arc::new(belongs));
        self
    }

    /// Allows everything that the saga of this name sends.
    pub fn allow_saga(mut self, name: impl Into<String>) -> Self {
        self.rules.sagas.insert(name.into());
        self
    }

    /// Allows everything that sagas send: they are part of the application, and what sets them off has been allowed.
    pub fn allow_sagas(mut self) -> Self {
        self.rules.all_sagas = true;
        self
    }
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Filter<S, Authorize>;

    fn layer(&self, inner: S) -> Self::Service {
        Filter::new(inner, Authorize::new(self.rules.clone()))
    }
}

impl fmt::Debug for AuthorizeLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules.show("AuthorizeLayer", f)
    }
}
