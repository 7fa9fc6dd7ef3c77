//! How a layer's "no" reaches whoever sent the command.

use std::time::Duration;

use annals::layer::Request;
use annals::prelude::*;
use annals::saga::{Definition, Phase};
use annals::{Intervention, ScheduleError, ScheduleEvent, Tenant};
use annals_testing::TestEnv;
use tower::filter::FilterLayer;

use crate::support::*;
use crate::tools::{Closed, Move, Notes, closed, memory, moving};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_sender_tells_a_refusal_from_a_failure_and_gets_the_error_of_the_layer() -> TestResult {
    for (for_good, transient) in [(true, false), (false, true)] {
        let layer = FilterLayer::new(closed("a", 1, for_good));
        let app = App::new(memory()).aggregate::<Account>().layer(layer).start().await?;
        let error = app.send(deposit("a", 5)).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Refused(_)), for_good, "{error:?}");
        assert_eq!(matches!(error, SendError::Layer(_)), !for_good, "{error:?}");
        assert_eq!((error.layer::<Closed>(), error.is_transient()), (Some(&Closed), transient));
        assert!(error.layer::<std::fmt::Error>().is_none());
        app.send(deposit("b", 5)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_errors_of_the_domain_pass_through_layers_as_they_are() -> TestResult {
    let layer = FilterLayer::new(closed("nobody", 1, true));
    let app = App::new(memory()).aggregate::<Account>().layer(layer).start().await?;
    let error = app.send(withdraw("a", 5)).await.unwrap_err();
    assert!(error.layer::<Closed>().is_none());
    assert!(matches!(error, SendError::Rejected(AccountError::Short { balance: 0 })), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_step_that_is_refused_is_not_tried_again_and_the_saga_is_undone() -> TestResult {
    for fresh in stores().await {
        let asked = Notes::new();
        let (ask, closed) = (asked.clone(), closed("b", 1, true));
        let layer = FilterLayer::new(move |request: Request| {
            ask.add(request.command_names().next().unwrap());
            closed(request)
        });
        let app = App::new(fresh.store).aggregate::<Account>().layer(layer).saga_with(moving()).start().await?;
        app.send(deposit("a", 10)).await?;
        app.saga::<Move>()?.start("m", &Move::default()).await?;
        app.settled().await?;
        let ended = app.saga::<Move>()?.get("m").await?.unwrap();
        assert_eq!((ended.phase(), ended.state.failure.as_deref()), (Phase::Compensated, Some("the bank is closed")));
        assert_eq!(asked.take(), ["deposit", "withdraw", "deposit", "deposit"], "set up, taken, refused once, given back");
        assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, 10);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_step_that_fails_in_a_layer_is_tried_again() -> TestResult {
    for fresh in stores().await {
        let layer = FilterLayer::new(closed("b", 3, false));
        let app = App::new(fresh.store).aggregate::<Account>().layer(layer).saga_with(moving()).start().await?;
        app.send(deposit("a", 10)).await?;
        app.saga::<Move>()?.start("m", &Move::default()).await?;
        app.settled().await?;
        assert_eq!(app.saga::<Move>()?.get("m").await?.unwrap().phase(), Phase::Completed);
        assert_eq!(app.load::<Account>(&"b".into()).await?.state.balance, 10);
        app.shutdown(Duration::from_secs(5)).await;
    }
    Ok(())
}

#[tokio::test]
async fn an_undo_that_is_refused_is_tried_until_it_is_allowed() -> TestResult {
    // The pivot is refused, and so is the first undo, several times.
    let undone = closed("b", 4, true);
    let layer = FilterLayer::new(closed("bank", usize::MAX, true));
    let undo = FilterLayer::new(move |request: Request| {
        let withdraws = request.commands().any(|command| command.is::<Withdraw>());
        if withdraws { undone(request) } else { Ok(request) }
    });
    let app = App::new(memory()).aggregate::<Account>().layer(layer).layer(undo).saga_with(moving()).start().await?;
    app.send(deposit("a", 10)).await?;
    app.saga::<Move>()?.start("m", &Move::default()).await?;
    app.settled().await?;
    assert_eq!(app.saga::<Move>()?.get("m").await?.unwrap().phase(), Phase::Compensated);
    let failed = app.saga::<Move>()?.history("m").await?;
    let failed = failed.iter().filter(|event| event.record.name.as_str() == "$saga.attempt_failed").count();
    assert_eq!(failed, 4);
    let balance = async |account: &str| app.load::<Account>(&account.to_owned()).await.unwrap().state.balance;
    assert_eq!((balance("a").await, balance("b").await), (10, 0));
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_saga_that_reacts_waits_for_an_operator_when_its_command_is_refused() -> TestResult {
    let bonus = Definition::<Move>::named("bonus")
        .starts_on(|_: &AccountEvent, context| (context.stream_id() == "a").then(|| ("m".into(), Move::default())))
        .on(|_: &AccountEvent, context| (context.stream_id() == "a").then(|| "m".into()), |_, _, _| deposit("bonus", 1))
        .build();
    let layer = FilterLayer::new(closed("bonus", 1, true));
    let app = App::new(memory()).aggregate::<Account>().layer(layer).saga_with(bonus).start().await?;
    app.send(deposit("a", 10)).await?;
    app.settled().await?;
    let sagas = app.saga::<Move>()?;
    let reason = sagas.get("m").await?.unwrap().instance.suspended;
    assert_eq!(reason.as_deref(), Some("`deposit` was refused: the bank is closed"));
    sagas.resume("m", Intervention { actor: "ann", reason: "it is open" }).await?;
    app.settled().await?;
    assert_eq!(app.load::<Account>(&"bonus".into()).await?.state.balance, 1);
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_command_that_is_refused_when_it_is_due_ends_and_one_that_fails_is_tried_again() -> TestResult {
    for (for_good, last, balance) in
        [(true, ScheduleEvent::Rejected { reason: "the bank is closed".into() }, 0), (false, ScheduleEvent::Sent {}, 5)]
    {
        let test = TestEnv::seeded(1);
        // It may be put off; what the schedule sends fails twice.
        let closed = closed("a", 2, for_good);
        let layer = FilterLayer::new(move |request: Request| if request.due().is_some() { Ok(request) } else { closed(request) });
        let app = App::new(memory()).env(test.env()).aggregate::<Account>().layer(layer).start().await?;
        test.run(async {
            let scheduled = app.send(deposit("a", 5)).after(HOUR).await?;
            app.env().sleep_until(app.env().now().after(2 * HOUR)).await;
            app.settled().await?;
            let history = app.scheduled(&Tenant::NONE, scheduled.command_id).await?;
            assert_eq!(history.last().map(|event| &event.event), Some(&last));
            assert_eq!(history.len(), if for_good { 2 } else { 4 });
            assert_eq!(app.load::<Account>(&"a".into()).await?.state.balance, balance);
            app.shutdown(Duration::ZERO).await;
            TestResult::Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_command_that_may_not_be_sent_may_not_be_put_off() -> TestResult {
    for for_good in [true, false] {
        let layer = FilterLayer::new(closed("a", 1, for_good));
        let app = App::new(memory()).aggregate::<Account>().layer(layer).start().await?;
        let id = annals::CommandId::from_bytes([7; 16]);
        let error = app.send(deposit("a", 5)).id(id).after(HOUR).await.unwrap_err();
        assert_eq!(matches!(error, ScheduleError::Refused(_)), for_good, "{error:?}");
        assert_eq!(error.layer::<Closed>(), Some(&Closed));
        assert!(matches!(app.scheduled(&Tenant::NONE, id).await, Err(ScheduleError::NotScheduled(_))), "nothing was stored");
        app.shutdown(Duration::ZERO).await;
    }
    Ok(())
}
