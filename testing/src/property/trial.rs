//! One decision, and what must hold for each.

use std::any::Any;
use std::io;

use annals_core::dispatch::{AnyFacts, AnyState, Decided, NoDecision};
use annals_core::{Context, EncodedMetadata, EventId, Evolve, Services, StreamId, Timestamp};
use futures_util::FutureExt as _;
use tokio::runtime::{self, Runtime};

use super::caught::caught;
use super::deed::{Deed, Unwritable};
use crate::story::{Line, Told, came_line, chain, difference, expected_line, rejection, shown};

/// What is wrong with an aggregate, whatever the property.
pub(super) type Defect = String;

/// What a decision came to: the events as they are stored, or the domain's "no".
pub(super) type Outcome = Result<Vec<Told>, String>;

/// A command that is about to be decided.
pub(super) struct Trial<'a> {
    deed: &'a Deed,
    pub(super) context: Context,
    metadata: EncodedMetadata,
}

thread_local! {
    /// Preparations that wait for something wait here.
    static RUNTIME: io::Result<Runtime> = runtime::Builder::new_current_thread().enable_time().build();
}

impl<'a> Trial<'a> {
    pub(super) fn new(deed: &'a Deed, context: Context) -> Self {
        let metadata = context.metadata.encode();
        Self { deed, context, metadata }
    }

    /// Lets the preparation of the command fetch its facts; or the domain's "no".
    pub(super) fn prepare(&self, services: &Services) -> Result<Result<AnyFacts, String>, Defect> {
        let name = self.deed.name;
        let fetched = caught(|| {
            let preparation = self.deed.command.prepare(services);
            if runtime::Handle::try_current().is_ok() {
                // Who is in a runtime may not wait for another one.
                return preparation.now_or_never().ok_or("it waits: call this test from a plain `#[test]`");
            }
            RUNTIME.with(|runtime| match runtime {
                Ok(runtime) => Ok(runtime.block_on(preparation)),
                Err(_) => Err("there is no runtime"),
            })
        });
        match fetched.map_err(|panic| format!("the preparation of `{name}` panics: {panic}"))? {
            Ok(Ok(facts)) => Ok(Ok(facts)),
            Ok(Err(NoDecision::Rejected(error))) => Ok(Err(rejection(&*error))),
            Ok(Err(other)) => Err(format!("`{name}` cannot be prepared: {}", chain(&other))),
            Err(why) => Err(format!("`{name}` cannot be prepared: {why}")),
        }
    }

    /// Decides.
    pub(super) fn decide<A: Evolve>(
        &self,
        state: &A,
        facts: &(dyn Any + Send + Sync),
    ) -> Result<(Outcome, Option<Decided>), Defect> {
        let state: &dyn AnyState = state;
        let mut count = 0;
        let mut next_id = || {
            count += 1;
            EventId::from_uuid(self.context.new_id(&count.to_string()))
        };
        let name = self.deed.name;
        let decided = caught(|| self.deed.command.decide(state, facts, &self.context, &self.metadata, &mut next_id));
        match decided.map_err(|panic| format!("deciding `{name}` panics: {panic}"))? {
            Ok(decided) => Ok((Ok(decided.events.iter().cloned().map(Told).collect()), Some(decided))),
            Err(NoDecision::Rejected(error)) => Ok((Err(rejection(&*error)), None)),
            Err(other) => Err(format!("what `{name}` is decided to be cannot be stored: {}", chain(&other))),
        }
    }
}

/// Reads an event as a store gives it back. Written again, it must be the same.
pub(super) fn read_back<A: Evolve>(told: &Told, stream: &StreamId, version: usize, now: Timestamp) -> Result<A::Event, Defect> {
    let record = told.recorded(stream, version, version, now);
    let event: A::Event = caught(|| record.decode())
        .map_err(|panic| format!("reading an event panics: {panic}"))?
        .map_err(|error| format!("an event cannot be read back: {}", chain(&error)))?;
    let again = Told::written(&event, version, now).map_err(|error| chain(&error))?;
    if again == *told {
        return Ok(event);
    }
    let both = difference(std::slice::from_ref(told), &[again]);
    Err(format!("an event is another one when it is read back\n{both}(- was written, + was read)"))
}

/// Why a command cannot be written, in words.
pub(super) fn unwritable(name: &str, why: &Unwritable) -> Defect {
    match why {
        Unwritable::Encode(error) => format!("the command `{name}` cannot be written: {}", chain(error)),
        Unwritable::Decode(error) => format!("the command `{name}` cannot be read back: {}", chain(error)),
        Unwritable::Changes { written, read } => {
            let both = expected_line(&shown(written)) + &came_line(&shown(read));
            format!("the command `{name}` is another one when it is read back\n{both}(- was written, + was read)")
        }
    }
}

/// Two ends of one decision.
pub(super) fn both(one: &Outcome, other: &Outcome) -> String {
    match (one, other) {
        (Ok(one), Ok(other)) => difference(one, other),
        _ => lines(one, expected_line) + &lines(other, came_line),
    }
}

fn lines(outcome: &Outcome, line: fn(&str) -> String) -> String {
    match outcome {
        Ok(events) if events.is_empty() => line("nothing"),
        Ok(events) => events.iter().map(|event| line(&event.line())).collect(),
        Err(no) => line(no),
    }
}
