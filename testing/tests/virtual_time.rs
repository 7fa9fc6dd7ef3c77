//! Time passes only as a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use annals_core::store::{Append, AppendError, Appended, ReadError, ReadLog, ReadStream, StoreInfo, StreamPage};
use annals_core::{AppendId, Clock as _, Env, EventStore, Filter, LogId, LogPage, Position};
use annals_store_memory::MemoryStore;
use annals_testing::{ManualClock, TestEnv};
use async_trait::async_trait;
use tokio::sync::mpsc;

const HOUR: Duration = Duration::from_secs(3_600);

async fn pass(env: &Env, duration: Duration) {
    env.sleep_until(env.now().after(duration)).await;
}

#[tokio::test]
async fn a_sleeper_is_woken_when_the_clock_has_come_to_its_deadline() {
    let test = TestEnv::seeded(1);
    let env = test.env();
    let woken = Arc::new(AtomicUsize::new(0));
    for hours in [3, 1, 2, 2] {
        let (env, woken) = (env.clone(), Arc::clone(&woken));
        test.env().spawn(async move {
            pass(&env, hours * HOUR).await;
            woken.fetch_add(1, Ordering::SeqCst);
        });
    }

    let mut counts = Vec::new();
    for _ in 0..4 {
        test.advance(Duration::from_secs(3_599)).await;
        counts.push(woken.load(Ordering::SeqCst));
        test.advance(Duration::from_secs(1)).await;
        counts.push(woken.load(Ordering::SeqCst));
    }

    assert_eq!(counts, [0, 1, 1, 3, 3, 4, 4, 4]);
    assert_eq!(env.now(), ManualClock::START.after(4 * HOUR));
}

#[tokio::test]
async fn advancing_meets_each_deadline_on_its_way() {
    let test = TestEnv::seeded(1);
    let (seen, mut times) = mpsc::unbounded_channel();
    let env = test.env();
    test.env().spawn(async move {
        loop {
            pass(&env, HOUR).await;
            if seen.send(env.now()).is_err() {
                return;
            }
        }
    });

    test.advance(3 * HOUR).await;

    for hour in 1..=3 {
        assert_eq!(times.try_recv(), Ok(ManualClock::START.after(hour * HOUR)));
    }
    assert!(times.try_recv().is_err());
}

#[tokio::test]
async fn a_run_jumps_to_the_next_deadline_when_everybody_waits() {
    let test = TestEnv::seeded(1);
    let env = test.env();
    let (to_worker, mut requests) = mpsc::unbounded_channel::<u32>();
    let (to_test, mut replies) = mpsc::unbounded_channel();
    let worker = env.clone();
    env.spawn(async move {
        while let Some(request) = requests.recv().await {
            pass(&worker, request * HOUR).await;
            to_test.send((request, worker.now())).unwrap();
        }
    });

    let replies = test
        .run(async move {
            to_worker.send(24).unwrap();
            to_worker.send(1).unwrap();
            [replies.recv().await.unwrap(), replies.recv().await.unwrap()]
        })
        .await;

    assert_eq!(replies, [(24, ManualClock::START.after(24 * HOUR)), (1, ManualClock::START.after(25 * HOUR))]);
}

#[tokio::test]
async fn time_stands_still_while_anybody_works() {
    let test = TestEnv::seeded(1);
    let env = test.env();
    let worker = env.clone();
    let (done, end) = tokio::sync::oneshot::channel();
    env.spawn(async move {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        done.send(worker.now()).unwrap();
        pass(&worker, HOUR).await;
    });

    let (sleeper, worked_until) = test.run(async { tokio::join!(pass(&env, Duration::from_micros(1)), end) }).await;

    assert_eq!(((), worked_until), (sleeper, Ok(ManualClock::START)));
}

#[tokio::test]
async fn patience_lets_a_thread_outside_answer_first() {
    let test = TestEnv::seeded(1).patience(Duration::from_millis(200));
    let env = test.env();
    let (answer, answered) = tokio::sync::oneshot::channel();

    let first = test
        .run(async {
            std::thread::spawn(move || {
                answer.send(()).unwrap();
            });
            tokio::select! {
                () = pass(&env, HOUR) => "time",
                _ = answered => "answer",
            }
        })
        .await;

    assert_eq!((first, env.now()), ("answer", ManualClock::START));
}

/// A store that answers from a thread of its own.
struct Threaded(MemoryStore);

#[async_trait]
impl EventStore for Threaded {
    fn info(&self) -> &StoreInfo {
        self.0.info()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.0.append(append).await
    }

    async fn appended(&self, id: AppendId) -> Result<Option<Appended>, ReadError> {
        self.0.appended(id).await
    }

    async fn read_stream(&self, read: ReadStream) -> Result<StreamPage, ReadError> {
        self.0.read_stream(read).await
    }

    async fn read_log(&self, read: ReadLog) -> Result<LogPage, ReadError> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || answer.send(()));
        answered.await.unwrap();
        self.0.read_log(read).await
    }

    async fn wait(&self, log: LogId, after: Position) -> Result<(), ReadError> {
        self.0.wait(log, after).await
    }
}

#[tokio::test]
async fn time_stands_still_while_a_watched_store_works() {
    let test = TestEnv::seeded(1);
    let env = test.env();
    let store = test.watch(Arc::new(Threaded(MemoryStore::in_env(&env))));
    test.run(async {
        for _ in 0..100 {
            tokio::select! {
                biased;
                () = pass(&env, Duration::from_micros(1)) => panic!("time has passed"),
                page = store.read_log(ReadLog::new(Filter::all())) => assert!(page.unwrap().at_end),
            }
        }
        // Waiting for an append is not work: time passes.
        tokio::select! {
            () = pass(&env, HOUR) => {}
            _ = store.wait(LogId::MAIN, Position::ZERO) => panic!("nothing was appended"),
        }
    })
    .await;
    assert_eq!(env.now(), ManualClock::START.after(HOUR));
}

#[tokio::test]
async fn a_dropped_sleep_is_no_deadline() {
    let clock = ManualClock::new();
    let mut sleep = Box::pin(clock.sleep_until(clock.now().after(HOUR)));
    assert!(futures_util::poll!(&mut sleep).is_pending());
    assert_eq!(clock.next_deadline(), Some(clock.now().after(HOUR)));
    drop(sleep);
    assert_eq!(clock.next_deadline(), None);
}

#[tokio::test]
async fn a_run_repeats_with_its_seed() {
    let draw = || (0..5).map(|_| TestEnv::seeded(42).env().uuid()).collect::<Vec<_>>();
    assert_eq!(draw(), draw());
    assert_ne!(TestEnv::seeded(42).env().uuid(), TestEnv::seeded(43).env().uuid());
}
