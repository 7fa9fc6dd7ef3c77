//! Work that its caller does itself, as long as nobody else needs it done.
//!
//! An append that comes alone is sent by whoever waits for it, which spares two wake-ups of other threads. But nobody may
//! depend on a caller: it may stop polling, or be dropped. So the work can be taken from it at any moment between two
//! polls, half done as it is, and a task of the runtime goes on with it: the statement in flight is never dropped.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

use crate::job::Outcome;

/// Work that is with its caller, or with the runtime.
pub(crate) struct Led {
    place: Mutex<Place>,
    runtime: Handle,
}

/// Where the work is.
enum Place {
    /// Between two polls of the caller, who is woken by it, or by this if it is taken away.
    Rests(BoxFuture<'static, ()>, Waker),
    /// The caller has it in its hands, or is about to.
    Held,
    /// The same, and somebody needs it done: the caller gives it away when it is through with its poll.
    Wanted,
    /// It is done, or the runtime has it.
    Gone,
}

impl Led {
    pub(crate) fn new(runtime: Handle) -> Arc<Self> {
        Arc::new(Self { place: Mutex::new(Place::Held), runtime })
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        // Nothing that holds it can panic halfway through a change.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the runtime do the work from here on.
    pub(crate) fn hand_over(&self) {
        if let Some(caller) = self.take_away() {
            caller.wake();
        }
    }

    /// The same. Who waits for the work has to be told.
    fn take_away(&self) -> Option<Waker> {
        let mut place = self.place();
        let next = match &*place {
            Place::Held | Place::Wanted => Place::Wanted,
            Place::Rests(..) | Place::Gone => Place::Gone,
        };
        let before = std::mem::replace(&mut *place, next);
        drop(place);
        let Place::Rests(work, caller) = before else { return None };
        self.give_away(work);
        Some(caller)
    }

    fn give_away(&self, work: BoxFuture<'static, ()>) {
        // If the runtime has ended, the work is dropped here, and with it a connection, which wants to be in a runtime.
        let _inside = self.runtime.enter();
        self.runtime.spawn(work);
    }

    /// Does what can be done now. Says whether the work is still with the caller, who is woken when there is more to do.
    fn poll(&self, work: BoxFuture<'static, ()>, context: &mut Context<'_>) -> bool {
        let mut work = work;
        // The caller may poll from anywhere. What it waits for belongs to the runtime of the store.
        let inside = self.runtime.enter();
        let is_done = work.as_mut().poll(context).is_ready();
        drop(inside);
        let mut place = self.place();
        let is_wanted = matches!(*place, Place::Wanted);
        *place = Place::Gone;
        if is_done {
            return false;
        }
        if is_wanted {
            drop(place);
            self.give_away(work);
            return false;
        }
        *place = Place::Rests(work, context.waker().clone());
        true
    }

    fn take(&self) -> Option<BoxFuture<'static, ()>> {
        let mut place = self.place();
        if !matches!(*place, Place::Rests(..)) {
            return None;
        }
        match std::mem::replace(&mut *place, Place::Held) {
            Place::Rests(work, _) => Some(work),
            _ => None,
        }
    }
}

/// A caller that does the work of which it waits for the outcome.
pub(crate) struct Leader {
    led: Arc<Led>,
    /// What was not yet polled.
    fresh: Option<BoxFuture<'static, ()>>,
    outcome: Outcome,
}

impl Leader {
    pub(crate) fn new(led: Arc<Led>, work: BoxFuture<'static, ()>, outcome: Outcome) -> Self {
        Self { led, fresh: Some(work), outcome }
    }
}

impl Future for Leader {
    type Output = <Outcome as Future>::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(work) = self.fresh.take().or_else(|| self.led.take())
            && self.led.poll(work, context)
            // Who waited for the outcome too would be woken by it in the middle of a poll of the work, and be polled once more,
            // by another thread perhaps, which is woken for that.
            && self.outcome.is_empty()
        {
            return Poll::Pending;
        }
        Pin::new(&mut self.outcome).poll(context)
    }
}

impl Drop for Leader {
    /// What is not done yet goes on without the caller.
    fn drop(&mut self) {
        match self.fresh.take() {
            Some(work) => self.led.give_away(work),
            None => drop(self.led.take_away()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use annals_core::store::AppendError;
    use futures_util::{FutureExt, poll};
    use tokio::sync::oneshot;

    use super::*;

    type Reply = oneshot::Sender<Result<annals_core::store::Appended, AppendError>>;

    /// Who leads work that waits for a start and then answers, and what starts it.
    fn leader() -> (Leader, oneshot::Sender<()>) {
        let ((reply, outcome), (start, started)): ((Reply, _), (_, oneshot::Receiver<()>)) =
            (oneshot::channel(), oneshot::channel());
        let work = async move {
            started.await.unwrap();
            // Nobody may be left to tell.
            let _ = reply.send(Err(AppendError::UnknownLog(annals_core::LogId::MAIN)));
        };
        (Leader::new(Led::new(Handle::current()), work.boxed(), outcome), start)
    }

    fn is_told<T>(outcome: Result<Result<T, AppendError>, oneshot::error::RecvError>) -> bool {
        matches!(outcome, Ok(Err(AppendError::UnknownLog(_))))
    }

    #[tokio::test]
    async fn who_leads_does_the_work_himself() {
        let (mut leader, start) = leader();
        assert!(poll!(&mut leader).is_pending());
        start.send(()).unwrap();
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        assert!(is_told(leader.await));
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn who_leads_is_woken_by_the_work_and_not_by_its_outcome_too() {
        for is_taken_away in [false, true] {
            let wakes = Arc::new(Wakes::default());
            let waker = Arc::clone(&wakes).into();
            let mut context = Context::from_waker(&waker);
            let (mut leader, start) = leader();
            assert!(leader.poll_unpin(&mut context).is_pending());
            if is_taken_away {
                leader.led.hand_over();
                tokio::task::yield_now().await;
                assert!(leader.poll_unpin(&mut context).is_pending());
            }
            start.send(()).unwrap();
            while is_taken_away && wakes.0.load(Ordering::SeqCst) == 1 {
                tokio::task::yield_now().await;
            }
            assert!(leader.poll_unpin(&mut context).is_ready());
            assert_eq!(wakes.0.load(Ordering::SeqCst), 1 + usize::from(is_taken_away));
        }
    }

    #[tokio::test]
    async fn who_leads_is_told_at_once_also_while_the_work_goes_on_and_of_work_that_ended_without_an_answer() {
        let (reply, outcome) = oneshot::channel();
        let answers = async move {
            // The caller is here.
            let _ = reply.send(Err(AppendError::UnknownLog(annals_core::LogId::MAIN)));
            std::future::pending::<()>().await;
        };
        assert!(is_told(Leader::new(Led::new(Handle::current()), answers.boxed(), outcome).await));

        let (reply, outcome): (Reply, _) = oneshot::channel();
        let gives_up = async move {
            drop(reply);
            std::future::pending::<()>().await;
        };
        let mut leader = Leader::new(Led::new(Handle::current()), gives_up.boxed(), outcome);
        assert!(poll!(&mut leader).is_pending());
        leader.led.hand_over();
        assert!(leader.await.is_err());
    }

    #[tokio::test]
    async fn work_goes_on_without_a_caller_that_leaves_before_or_between_polls() {
        for polls in 0..2 {
            let (mut leader, start) = leader();
            for _ in 0..polls {
                assert!(poll!(&mut leader).is_pending());
            }
            drop(leader);
            tokio::task::yield_now().await;
            start.send(()).expect("somebody waits for it");
        }
    }

    #[tokio::test]
    async fn work_that_is_wanted_leaves_its_caller_who_still_is_told() {
        let (mut resting, start) = leader();
        assert!(poll!(&mut resting).is_pending());
        resting.led.hand_over();
        start.send(()).unwrap();
        let (fresh, start) = leader();
        // In the hands of its caller, who has not polled it yet.
        fresh.led.hand_over();
        let tell = async { start.send(()).unwrap() };
        let (fresh, ()) = tokio::join!(fresh, tell);
        assert!(is_told(resting.await) && is_told(fresh));
    }
}
