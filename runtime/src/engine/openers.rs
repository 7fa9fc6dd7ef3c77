use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many streams in a row a command must have found empty before the next one is taken to be.
const IN_A_ROW: u8 = 4;

/// Which commands open streams: learned from what each found when it read its stream.
///
/// What such a command decides on the initial state is appended with the version that goes with it, so nothing is read
/// before. If there is a history after all, the append is refused as after any other conflict, the history is read and the
/// command decided on it. So this is about round trips only: one that is saved, or one that is wasted.
#[derive(Debug, Default)]
pub(crate) struct Openers(Mutex<HashMap<TypeId, u8>>);

impl Openers {
    /// Whether a command of this type is likely to find an empty stream.
    pub(crate) fn contains(&self, command: TypeId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&command) == Some(&IN_A_ROW)
    }

    /// Notes what a command of this type has found.
    pub(crate) fn found(&self, command: TypeId, is_empty: bool) {
        let mut in_a_row = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = in_a_row.entry(command).or_default();
        *count = if is_empty { IN_A_ROW.min(*count + 1) } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_found_nothing_often_enough_opens_streams_until_it_finds_something() {
        let (openers, [open, other]) = (Openers::default(), [TypeId::of::<u8>(), TypeId::of::<u16>()]);
        for _ in 1..IN_A_ROW {
            openers.found(open, true);
        }
        assert!(!openers.contains(open));
        openers.found(open, true);
        openers.found(open, true);
        assert!(openers.contains(open) && !openers.contains(other));
        openers.found(open, false);
        openers.found(open, true);
        assert!(!openers.contains(open));
    }
}
