use std::error::Error;
use std::fmt;

use tower::BoxError;

/// A layer's "no": nothing was stored, and the same command would be refused again.
///
/// A layer returns it around an error of its own. Anything else that a layer returns counts as a failure that may pass, such
/// as a timeout or too much load. The difference decides what happens next:
///
/// | | refused | any other error of a layer |
/// |---|---|---|
/// | the sender gets | [`SendError::Refused`](crate::SendError::Refused) | [`SendError::Layer`](crate::SendError::Layer) |
/// | a step of a saga | has been rejected: what came before is undone | is tried again, as its retry policy says |
/// | a command of a saga that reacts | suspends the instance, for an operator to resume once it is allowed | is tried again |
/// | the undo of a step, or a step after the pivot | is tried until it is allowed | is tried until it succeeds |
/// | a command that was put off | has been rejected, and its history says so | is tried again |
///
/// It counts wherever it stands in the chain of [sources](Error::source), so that a layer further out may wrap it.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/account.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = annals::connect("memory:").await?;
/// use annals::layer::Request;
/// use annals::layer::Refused;
/// use tower::filter::FilterLayer;
///
/// #[derive(Debug, thiserror::Error, PartialEq)]
/// #[error("the bank is closed")]
/// struct Closed;
///
/// let closed = |_: Request| Err::<Request, _>(Refused::new(Closed));
/// let app = App::new(store).aggregate::<Account>().layer(FilterLayer::new(closed)).start().await?;
/// let Err(error) = app.send(deposit("ann", 1)).await else { unreachable!() };
/// assert_eq!(error.layer::<Closed>(), Some(&Closed));
/// # Ok(())
/// # }
/// ```
pub struct Refused(BoxError);

impl Refused {
    /// Refuses because of `error`.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// Why, if that is an `E` or has an `E` in its chain of sources.
    pub fn get<E: Error + 'static>(&self) -> Option<&E> {
        find(&*self.0)
    }

    /// Why, whatever its type.
    pub fn into_inner(self) -> BoxError {
        self.0
    }

    /// The error of a layer as a refusal, if that is what it is.
    pub(crate) fn of(error: BoxError) -> Result<Self, BoxError> {
        match error.downcast::<Self>() {
            Ok(refused) => Ok(*refused),
            Err(error) if find::<Self>(&*error).is_some() => Ok(Self(error)),
            Err(error) => Err(error),
        }
    }
}

/// The first `E` in an error and what caused it.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error.downcast_ref::<Refused>() {
            // It speaks for its error, and names that error's source as its own.
            Some(refused) => Some(&*refused.0),
            None => error.source(),
        };
    }
    None
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refused").field(&self.0).finish()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error, PartialEq)]
    #[error("closed")]
    struct Closed;

    #[derive(Debug, thiserror::Error)]
    #[error("outside: {0}")]
    struct Outside(#[source] BoxError);

    #[test]
    fn a_refusal_is_found_however_it_is_wrapped() {
        let wrapped = Outside(Refused::new(Outside(Closed.into())).into());
        let refused = Refused::of(wrapped.into()).unwrap();
        assert_eq!(refused.get::<Closed>(), Some(&Closed));
        assert_eq!(refused.to_string(), "outside: outside: closed");
        assert!(Refused::of(Outside(Closed.into()).into()).is_err(), "it does not say that it is a refusal");
    }
}
