use std::any::TypeId;
use std::panic::{AssertUnwindSafe, catch_unwind};

use annals_core::dispatch::{AnyState, Decided, IdentifiedCommand};
use annals_core::store::{PageSize, ReadStream};
use annals_core::{StreamId, Version};
use futures_util::future::join;

use super::cache::{self, Held};
use super::{Engine, RequestError, panic_message};

/// Events that are read at a time. A long stream takes several pages, of which one is on its way while the other is taken in.
const PAGE: usize = 2_000;

/// A stream that a request works on.
pub(super) struct Place {
    pub(super) stream: StreamId,
    slot: cache::Place,
    pub(super) held: Option<Held>,
    initial: Box<dyn AnyState>,
    /// The type of the first command for it.
    command: TypeId,
    /// Whether the state was read from the store during this request.
    pub(super) fresh: bool,
    /// Whether the state has taken in events that are not stored.
    pub(super) changed: bool,
}

impl Place {
    pub(super) fn new(stream: StreamId, mut slot: cache::Place, command: &IdentifiedCommand) -> Self {
        let held = slot.take();
        let (initial, command) = (command.command.initial(), command.command.content().type_id());
        Self { stream, slot, held, initial, command, fresh: false, changed: false }
    }

    pub(super) fn forget(&mut self) {
        self.held = None;
        self.changed = false;
    }

    pub(super) fn forget_if_changed(&mut self) -> bool {
        let changed = self.changed;
        if changed {
            self.forget();
        }
        changed
    }

    /// Makes sure that there is a state: what is kept, the initial one if the command is likely to open the stream, or else
    /// what the store has.
    pub(super) async fn load(&mut self, engine: &Engine) -> Result<(), RequestError> {
        if self.held.is_none() {
            if engine.openers.contains(self.command) {
                self.held = Some(self.initial());
            } else {
                self.catch_up(engine).await?;
            }
        }
        Ok(())
    }

    fn initial(&self) -> Held {
        Held { state: self.initial.renew(), version: Version::ZERO }
    }

    /// Takes in what came since the state was read; whether there was anything.
    pub(super) async fn catch_up(&mut self, engine: &Engine) -> Result<bool, RequestError> {
        // While it is being read the state is out of its place: if that fails, the next one reads it anew.
        let mut held = match self.held.take() {
            Some(held) => held,
            None => self.initial(),
        };
        let before = held.version;
        let read = |from| {
            let read = ReadStream::forward(self.stream.clone()).from(from).size(PageSize::events(PAGE));
            engine.store.read_stream(read)
        };
        let mut next = match held.version.next() {
            Ok(from) => Some(read(from).await?),
            Err(_) => None,
        };
        while let Some(page) = next {
            let take_in = async {
                for record in &page.events {
                    held.state.take_in(record)?;
                    held.version = record.version;
                }
                Ok::<_, RequestError>(())
            };
            next = match page.next {
                None => take_in.await.map(|()| None)?,
                // The store is at work on the next page while this one is taken in.
                Some(from) => {
                    let (page, taken_in) = join(read(from), take_in).await;
                    taken_in?;
                    Some(page?)
                }
            };
        }
        self.fresh = true;
        let moved = held.version != before;
        if before == Version::ZERO {
            engine.openers.found(self.command, !moved);
        }
        self.held = Some(held);
        Ok(moved)
    }

    /// Takes in what was decided. From then on the state is ahead of the store, or, if the domain's code panics half-way,
    /// beside it: then the answer is what the panic said.
    pub(super) fn take_in(&mut self, decided: Decided) -> Result<(), String> {
        self.changed = true;
        let Some(held) = &mut self.held else { return Ok(()) };
        catch_unwind(AssertUnwindSafe(|| decided.evolve(&mut *held.state))).map_err(|panic| panic_message(&*panic))
    }

    /// Gives the state back to the cache.
    fn keep(&mut self) {
        if !self.changed {
            *self.slot = self.held.take();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.keep();
    }
}
