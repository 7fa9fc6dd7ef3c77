use annals_core::dispatch::Decided;
use annals_core::{CommandId, Context, CorrelationId, Evolve, Metadata, Services, StreamId, Tenant, Timestamp, Version};

use super::caught::caught;
use super::deed::Deed;
use super::draw::Drawn;
use super::history::{History, Step};
use super::trial::{Defect, Trial, both, read_back, unwritable};
use crate::ManualClock;
use crate::story::{Told, came_line, expected_line};

/// Shows two states by `Debug` if they are not the same.
type Compare<A> = fn(&A, &A) -> Option<[String; 2]>;

/// What holds for every history of a test.
pub(super) struct Rules<A> {
    pub(super) given: Vec<Told>,
    pub(super) services: Services,
    pub(super) start: Timestamp,
    pub(super) compare: Option<Compare<A>>,
}

impl<A> Rules<A> {
    pub(super) fn new() -> Self {
        Self { given: Vec::new(), services: Services::default(), start: ManualClock::START, compare: None }
    }
}

impl<A> Clone for Rules<A> {
    fn clone(&self) -> Self {
        Self { given: self.given.clone(), services: self.services.clone(), start: self.start, compare: self.compare }
    }
}

/// Plays a history, and checks what must hold for every aggregate. At the first defect it ends.
pub(super) fn play<A: Evolve>(rules: &Rules<A>, mut drawn: impl Iterator<Item = Drawn<A>>) -> History<A> {
    let history = History::new(rules.given.clone());
    let mut player = Player { rules, history, live: A::default(), replayed: A::default(), now: rules.start };
    if let Err(defect) = player.begin().and_then(|()| drawn.try_for_each(|drawn| player.play(drawn))) {
        player.history.defect = Some(defect);
    }
    player.history
}

struct Player<'a, A: Evolve> {
    rules: &'a Rules<A>,
    history: History<A>,
    /// The state that has taken in events as they were decided, as an engine has it that keeps it in memory.
    live: A,
    /// The state that has taken in events as they were stored, as an engine has it that starts anew.
    replayed: A,
    now: Timestamp,
}

impl<A: Evolve> Player<'_, A> {
    fn begin(&mut self) -> Result<(), Defect> {
        let stream = self.history.stream().map_err(|error| error.to_string())?;
        for (told, version) in self.rules.given.iter().zip(1..) {
            let event = read_back::<A>(told, &stream, version, self.now)?;
            self.history.given.push(event);
        }
        self.live = self.replay()?;
        self.replayed = self.replay()?;
        Ok(())
    }

    /// Takes in all events from the first on.
    fn replay(&self) -> Result<A, Defect> {
        caught(|| self.history.fold()).map_err(|panic| format!("taking in an event panics, and it has happened: {panic}"))
    }

    /// Plays one command.
    fn play(&mut self, Drawn { draft, pause, id }: Drawn<A>) -> Result<(), Defect> {
        let name = draft.name;
        let made = caught(|| draft.make(&self.replayed)).map_err(|panic| format!("making a `{name}` panics: {panic}"))?;
        let Some(deed) = made else {
            self.history.skipped.push(name);
            return Ok(());
        };
        self.now = self.now.after(pause);
        let body = deed.body.as_ref().map_err(|why| unwritable(name, why))?.clone();
        let mut step = Step { name, body, pause, now: self.now, outcome: None, events: Vec::new() };
        let decided = self.decide(&deed, id, &mut step);
        self.history.steps.push(step);
        if let Some(decided) = decided? {
            caught(|| decided.evolve(&mut self.live)).map_err(|panic| format!("taking in an event panics: {panic}"))?;
        }
        self.replayed = self.replay()?;
        self.compare()
    }

    /// Decides on the state that was kept, twice, and on the one that was replayed.
    fn decide(&mut self, deed: &Deed, id: [u8; 16], step: &mut Step<A>) -> Result<Option<Decided>, Defect> {
        let name = deed.name;
        let trial = Trial::new(deed, self.context(self.stream(deed)?, id));
        self.history.stream = Some(trial.context.stream.clone());
        let facts = match trial.prepare(&self.rules.services)? {
            Ok(facts) => facts,
            Err(no) => {
                step.outcome = Some(Err(no));
                return Ok(None);
            }
        };
        let (first, decided) = trial.decide(&self.live, &*facts)?;
        step.outcome = Some(first.clone());
        let (again, _) = trial.decide(&self.live, &*facts)?;
        if again != first {
            let both = both(&first, &again);
            return Err(format!(
                "`{name}` was decided twice and came to two different ends: deciding must be pure\n{both}(- decided first, + decided again)"
            ));
        }
        let (anew, _) = trial.decide(&self.replayed, &*facts)?;
        if anew != first {
            let both = both(&first, &anew);
            return Err(format!(
                "`{name}` is decided otherwise when the events are read again: they do not hold all that the state does\n{both}(- on the events as they were decided, + on the events as they are read)"
            ));
        }
        for (told, version) in first.iter().flatten().zip(self.history.recorded() + 1..) {
            step.events.push(read_back::<A>(told, &trial.context.stream, version, self.now)?);
        }
        Ok(decided)
    }

    fn compare(&self) -> Result<(), Defect> {
        match self.rules.compare.and_then(|compare| compare(&self.live, &self.replayed)) {
            Some([live, replayed]) => {
                let both = expected_line(&live) + &came_line(&replayed);
                Err(format!(
                    "the events lead to another state when they are read again: they do not hold all that the state does\n{both}(- the events as they were decided, + the events as they are read)"
                ))
            }
            None => Ok(()),
        }
    }

    fn stream(&self, deed: &Deed) -> Result<StreamId, Defect> {
        let stream = deed.command.stream(&Tenant::NONE).map_err(|error| format!("`{}` is for nobody: {error}", deed.name))?;
        match &self.history.stream {
            Some(first) if *first != stream => Err(format!(
                "`{}` is for `{stream}`, what came before it for `{first}`: give all commands of a history the same id",
                deed.name
            )),
            _ => Ok(stream),
        }
    }

    fn context(&self, stream: StreamId, id: [u8; 16]) -> Context {
        let version = Version::new(self.history.recorded() as u64).unwrap_or(Version::MAX);
        Context::new(CommandId::from_bytes(id), stream, version, Metadata::new(self.now, CorrelationId::from_bytes(id)))
    }
}
