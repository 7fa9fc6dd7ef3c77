//! Commands that are put off: sent when they are due, once, unless they are called off.

mod support;

use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::store::ReadLog;
use annals::{Category, CommandId, EventStore, Filter, MemoryStore, ScheduleError, ScheduleEvent, Tenant};
use annals_testing::{Fault, FaultPlan, FaultStore, Operation, TestEnv};
use support::*;

const HOUR: Duration = Duration::from_secs(3_600);

async fn app_on(test: &TestEnv, store: Arc<dyn EventStore>) -> App {
    App::new(store).env(test.env()).aggregate::<Account>().start().await.unwrap()
}

async fn balance(app: &App) -> u64 {
    app.load::<Account>(&"a".into()).await.unwrap().state.balance
}

async fn history(app: &App, id: CommandId) -> Vec<String> {
    let events = app.scheduled(&Tenant::NONE, id).await.unwrap();
    events.iter().map(|event| event.record.name.as_str().trim_start_matches("$schedule.").to_owned()).collect()
}

async fn sleep(app: &App, time: Duration) {
    app.env().sleep_until(app.env().now().after(time)).await;
}

#[tokio::test]
async fn a_command_that_is_put_off_is_sent_when_it_is_due() -> TestResult {
    let test = TestEnv::seeded(1);
    let app = app_on(&test, Arc::new(MemoryStore::new())).await;
    test.run(async {
        let scheduled = app.send(deposit("a", 5)).actor("ann").after(HOUR).await?;
        assert_eq!(scheduled.due, app.env().now().after(HOUR));
        sleep(&app, HOUR - Duration::from_secs(1)).await;
        assert_eq!(balance(&app).await, 0);
        sleep(&app, Duration::from_secs(2)).await;
        app.settled().await?;
        assert_eq!(balance(&app).await, 5);
        assert_eq!(history(&app, scheduled.command_id).await, ["set", "sent"]);
        let page = app.store().read_log(ReadLog::new(Filter::all())).await?;
        let metadata = page.events[0].metadata()?;
        assert_eq!(metadata.actor.as_deref(), Some("ann"));
        assert_eq!(metadata.correlation_id, scheduled.command_id.into());
        assert!(!app.cancel_scheduled(scheduled.command_id).await?, "it was sent");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_command_that_is_called_off_is_never_sent() -> TestResult {
    let test = TestEnv::seeded(1);
    let app = app_on(&test, Arc::new(MemoryStore::new())).await;
    test.run(async {
        let scheduled = app.send(deposit("a", 5)).after(HOUR).await?;
        assert!(app.cancel_scheduled(scheduled.command_id).await?);
        assert!(!app.cancel_scheduled(scheduled.command_id).await?, "it was called off before");
        sleep(&app, 2 * HOUR).await;
        app.settled().await?;
        assert_eq!(balance(&app).await, 0);
        assert_eq!(history(&app, scheduled.command_id).await, ["set", "cancelled"]);
        let unknown = app.cancel_scheduled(CommandId::from_bytes([9; 16])).await;
        assert!(matches!(unknown, Err(ScheduleError::NotScheduled(_))), "{unknown:?}");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_command_put_off_twice_under_one_id_is_sent_once() -> TestResult {
    let test = TestEnv::seeded(1);
    let store = Arc::new(MemoryStore::new());
    let apps = [app_on(&test, store.clone()).await, app_on(&test, store).await];
    test.run(async {
        let id = CommandId::from_bytes([3; 16]);
        let first = apps[0].send(deposit("a", 5)).id(id).after(HOUR).await?;
        let again = apps[1].send(deposit("a", 5)).id(id).after(9 * HOUR).await?;
        assert_eq!((again.due, again.repeated, first.repeated), (first.due, true, false), "the first moment holds");
        // Two processes look at the same timers, and somebody sends it by hand besides.
        sleep(&apps[0], HOUR).await;
        apps[0].send(deposit("a", 5)).id(id).await?;
        sleep(&apps[0], HOUR).await;
        apps[0].settled().await?;
        assert_eq!(balance(&apps[1]).await, 5);
        assert_eq!(history(&apps[0], id).await, ["set", "sent"]);
        for app in &apps {
            app.shutdown(Duration::ZERO).await;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_the_domain_says_no_to_is_recorded() -> TestResult {
    let test = TestEnv::seeded(1);
    let app = app_on(&test, Arc::new(MemoryStore::new())).await;
    test.run(async {
        let scheduled = app.send(withdraw("a", 5)).after(HOUR).await?;
        sleep(&app, 2 * HOUR).await;
        app.settled().await?;
        assert_eq!(history(&app, scheduled.command_id).await, ["set", "rejected"]);
        let history = app.scheduled(&Tenant::NONE, scheduled.command_id).await?;
        assert_eq!(history[1].event, ScheduleEvent::Rejected { reason: "only 0 left".into() });
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_process_that_dies_at_any_append_leaves_it_to_the_next() -> TestResult {
    for n in 1..=2 {
        for fault in [Fault::Refuse, Fault::LoseReply, Fault::LoseRequest, Fault::CrashBefore, Fault::CrashAfter] {
            let test = TestEnv::seeded(1);
            let store = FaultStore::new(Arc::new(MemoryStore::new()), FaultPlan::new().on(Operation::Append, n, fault.clone()));
            test.run(async {
                let id = CommandId::from_bytes([4; 16]);
                for _ in 0..2 {
                    let app = app_on(&test, Arc::new(store.clone())).await;
                    // Like a client that asks again until it is told that it worked.
                    let _ = app.send(deposit("a", 5)).id(id).after(HOUR).await;
                    sleep(&app, 2 * HOUR).await;
                    app.shutdown(Duration::ZERO).await;
                    store.restart();
                }
                let app = app_on(&test, Arc::new(store.clone())).await;
                sleep(&app, 2 * HOUR).await;
                app.settled().await.unwrap();
                assert_eq!(balance(&app).await, 5, "{n} {fault:?}");
                assert_eq!(history(&app, id).await.last().map(String::as_str), Some("sent"));
                let schedule = Category::new("$schedule").unwrap();
                let left = store.timers().unwrap().due(&schedule, annals::Timestamp::MAX, 9).await.unwrap();
                assert!(left.is_empty(), "{left:?}");
                app.shutdown(Duration::ZERO).await;
            })
            .await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_put_off_is_refused_now() -> TestResult {
    let app = App::new(Arc::new(MemoryStore::new())).start().await?;
    let refused = app.send(deposit("a", 1)).after(HOUR).await;
    assert!(matches!(refused, Err(ScheduleError::UnknownCommand { aggregate: "account", command: "deposit" })), "{refused:?}");
    app.shutdown(Duration::ZERO).await;
    Ok(())
}
