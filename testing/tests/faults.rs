//! A store that fails as planned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use annals_core::store::{Append, AppendError, FailureKind, PageSize, QueueName, ReadError, ReadLog};
use annals_core::{
    AppendId, Clock as _, EncodedMetadata, EventId, EventName, EventStore, ExpectedVersion, Filter, LogId, NewEvent, Payload,
    Position, StreamId,
};
use annals_store_memory::MemoryStore;
use annals_testing::{Fault, FaultPlan, FaultStore, ManualClock, Operation, TestEnv};

annals_testing::event_store_compliance!(|| async { FaultStore::new(Arc::new(MemoryStore::new()), FaultPlan::new()) });

fn failing(plan: FaultPlan) -> FaultStore {
    FaultStore::new(Arc::new(MemoryStore::new()), plan)
}

/// An append of one event to a stream of its own.
fn append(number: u8) -> Append {
    let event = NewEvent {
        id: EventId::from_bytes([number; 16]),
        name: EventName::new("sample.happened").unwrap(),
        schema_version: 1,
        payload: Payload::json(&number).unwrap(),
        metadata: EncodedMetadata::from_bytes(&b"{}"[..]),
        tags: Vec::new(),
    };
    let stream = StreamId::new("sample", number.to_string()).unwrap();
    Append::new(AppendId::from_bytes([number; 16])).stream(stream, ExpectedVersion::NoStream, vec![event])
}

async fn stored(store: &FaultStore) -> usize {
    store.sound().read_log(ReadLog::new(Filter::all()).size(PageSize::default())).await.unwrap().events.len()
}

#[tokio::test]
async fn a_refused_append_is_not_stored() {
    let store = failing(FaultPlan::new().on(Operation::Append, 2, Fault::Refuse));
    store.append(append(1)).await.unwrap();
    let error = store.append(append(2)).await.unwrap_err();
    assert!(
        matches!(&error, AppendError::NotStored(failure) if failure.kind == FailureKind::Unavailable) && error.is_transient()
    );
    assert_eq!(stored(&store).await, 1);
    store.append(append(2)).await.unwrap();
    assert_eq!((stored(&store).await, store.count(Operation::Append)), (2, 3));
}

#[tokio::test]
async fn an_append_whose_reply_is_lost_is_stored_and_can_be_sent_again() {
    let store = failing(FaultPlan::new().on(Operation::Append, 1, Fault::LoseReply));
    assert!(matches!(store.append(append(1)).await, Err(AppendError::Unknown(_))));
    assert_eq!(stored(&store).await, 1);
    assert!(store.append(append(1)).await.unwrap().repeated);
}

#[tokio::test]
async fn an_append_whose_request_is_lost_is_not_stored() {
    let store = failing(FaultPlan::new().on(Operation::Append, 1, Fault::LoseRequest));
    assert!(matches!(store.append(append(1)).await, Err(AppendError::Unknown(_))));
    assert_eq!(stored(&store).await, 0);
    assert!(!store.append(append(1)).await.unwrap().repeated);
}

#[tokio::test]
async fn after_a_crash_everything_fails_until_the_restart() {
    let plan = FaultPlan::new().on(Operation::Append, 1, Fault::CrashAfter).on(Operation::Append, 2, Fault::CrashBefore);
    let store = failing(plan);
    let waiting = store.clone();
    let wait = async move { waiting.wait(LogId::MAIN, Position::new(1).unwrap()).await };
    let (appended, waited) = tokio::join!(store.append(append(1)), wait);

    assert!(matches!(appended, Err(AppendError::Unknown(_))));
    assert!(matches!(waited, Err(ReadError::Store(failure)) if failure.kind == FailureKind::Closed));
    assert!(matches!(store.append(append(2)).await, Err(AppendError::NotStored(_))));
    assert!(store.read_log(ReadLog::new(Filter::all())).await.is_err());
    assert!(store.outbox().unwrap().settle(&QueueName::new("out").unwrap(), &[]).await.is_err());
    assert_eq!((store.has_crashed(), stored(&store).await), (true, 1));

    store.restart();
    assert!(matches!(store.append(append(2)).await, Err(AppendError::Unknown(_))));
    store.restart();
    store.append(append(2)).await.unwrap();
    assert_eq!(stored(&store).await, 2);
}

#[tokio::test]
async fn a_delay_passes_in_virtual_time() {
    let test = TestEnv::seeded(1);
    let hour = Duration::from_secs(3_600);
    let store = failing(FaultPlan::new().on(Operation::Append, 1, Fault::Delay(test.env(), hour)));
    test.run(async { store.append(append(1)).await.unwrap() }).await;
    assert_eq!(test.clock().now(), ManualClock::START.after(hour));
}

#[tokio::test]
async fn hooks_run_before_and_after_the_append() {
    let seen = Arc::new(AtomicU64::new(0));
    let sound: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let note = |digit| {
        let seen = Arc::clone(&seen);
        move || {
            seen.store(seen.load(Ordering::SeqCst) * 10 + digit, Ordering::SeqCst);
        }
    };
    let plan = FaultPlan::new()
        .on(Operation::Append, 1, Fault::before(note(1)))
        .on(Operation::Append, 2, Fault::after(note(2)))
        .on(Operation::Read, 1, Fault::after(note(3)));
    let store = FaultStore::new(sound, plan);
    store.append(append(1)).await.unwrap();
    store.append(append(2)).await.unwrap();
    store.read_log(ReadLog::new(Filter::all())).await.unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 123);
}

#[tokio::test]
async fn random_faults_repeat_with_their_seed_and_lose_nothing() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let plan =
            FaultPlan::new().one_in(Operation::Append, 3, Fault::LoseReply).one_in(Operation::Append, 3, Fault::Refuse).seed(7);
        let store = failing(plan);
        for number in 0..40 {
            while store.append(append(number)).await.is_err() {}
        }
        assert_eq!(stored(&store).await, 40);
        runs.push(store.count(Operation::Append));
    }
    assert!(runs[0] > 50, "{runs:?}");
    assert_eq!(runs[0], runs[1]);
}
