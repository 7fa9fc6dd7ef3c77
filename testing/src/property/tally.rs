use std::collections::BTreeMap;
use std::fmt::Write as _;

use annals_core::Evolve;

use super::{Commands, History};

/// So many commands of a kind must have been tried before a run is blamed for having none accepted.
const ENOUGH: usize = 20;

/// So many reasons for which a command was rejected are shown.
const REASONS: usize = 3;

/// What became of the commands of a run.
#[derive(Default)]
pub(super) struct Tally {
    histories: usize,
    kinds: BTreeMap<&'static str, Count>,
}

#[derive(Default)]
struct Count {
    accepted: usize,
    skipped: usize,
    rejected: BTreeMap<String, usize>,
}

impl Tally {
    pub(super) fn count<A: Evolve>(&mut self, history: &History<A>) {
        self.histories += 1;
        for step in &history.steps {
            let count = self.kinds.entry(step.name).or_default();
            match &step.outcome {
                Some(Err(no)) => *count.rejected.entry(no.clone()).or_default() += 1,
                _ => count.accepted += 1,
            }
        }
        for name in &history.skipped {
            self.kinds.entry(name).or_default().skipped += 1;
        }
    }

    /// A command that was rejected every time shows nothing of what happens after it.
    #[track_caller]
    pub(super) fn assert_not_vacuous<A: Evolve>(&self, commands: &Commands<A>) {
        let mut text = String::new();
        for kind in commands.kinds.iter().filter(|kind| !kind.may_be_rejected) {
            let Some(count) = self.kinds.get(kind.name) else { continue };
            let tried = count.skipped + count.rejected.values().sum::<usize>();
            if count.accepted == 0 && tried >= ENOUGH {
                count.tell(kind.name, &mut text);
            }
        }
        let histories = self.histories;
        assert!(
            text.is_empty(),
            "this test shows too little: in {histories} histories there are commands of which not one was accepted\n\n{text}\n\
             give them values that are accepted, or make them from the state with `.of_state(…)`; begin with `.given([…])` or \
             with longer histories, `.up_to(…)`; and if a command is to be rejected every time, say so: `.even_if_rejected()`"
        );
    }
}

impl Count {
    fn tell(&self, name: &str, text: &mut String) {
        let _ = writeln!(text, "    {name}");
        let mut reasons: Vec<_> = self.rejected.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in reasons.iter().take(REASONS) {
            let _ = writeln!(text, "        {count} × {reason}");
        }
        let rest: usize = reasons.iter().skip(REASONS).map(|(_, count)| **count).sum();
        if rest > 0 {
            let _ = writeln!(text, "        {rest} × rejected for other reasons");
        }
        if self.skipped > 0 {
            let _ = writeln!(text, "        {} × the state did not call for it", self.skipped);
        }
    }
}
