use crate::Recorded;
use crate::saga::SagaEvent;

/// What happened to one instance of a saga, to be drawn for operators. Made by [`history`].
#[derive(Clone, Copy, Debug)]
pub struct History<'a>(pub(super) &'a [Recorded<SagaEvent>]);

/// Takes what happened to one instance of a saga, oldest first, as its stream has it.
///
/// ```
/// # use annals_core as annals;
/// # fn show(events: &[annals::Recorded<annals::saga::SagaEvent>]) {
/// println!("{}", annals::describe::history(events).to_mermaid());
/// # }
/// # show(&[]);
/// ```
pub const fn history(events: &[Recorded<SagaEvent>]) -> History<'_> {
    History(events)
}
