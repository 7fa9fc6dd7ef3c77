//! Who sent what when, and what became of it.

use std::time::Duration;

use annals::layer::Origin;
use annals::layer::{AuditEntry, AuditLayer, AuthorizeLayer, Ending};
use annals::prelude::*;
use annals::{CommandId, StreamId, Tenant, Version};
use annals_testing::{Fault, FaultPlan, FaultStore, ManualClock, Operation, TestEnv};
use serde_json::json;

use crate::support::*;
use crate::tools::{Move, Notes, memory, moving, waiting};

fn noting(notes: &Notes<AuditEntry>) -> AuditLayer {
    let notes = notes.clone();
    AuditLayer::new(move |entry| {
        notes.add(entry);
        Ok::<_, std::fmt::Error>(())
    })
}

fn endings(notes: &Notes<AuditEntry>) -> Vec<(&'static str, Ending)> {
    notes.take().into_iter().map(|entry| (entry.command, entry.ending)).collect()
}

#[tokio::test]
async fn what_is_accepted_rejected_refused_and_what_fails_is_recorded_alike() -> TestResult {
    let notes = Notes::new();
    // The append of the last command is not taken.
    let store = FaultStore::new(memory(), FaultPlan::new().on(Operation::Append, 4, Fault::Refuse));
    let rules =
        AuthorizeLayer::new().allow::<Deposit>(|who, _| who.is("ann")).allow::<Withdraw>(|_, _| true).allow::<Close>(|_, _| true);
    let builder = App::new(std::sync::Arc::new(store)).aggregate::<Account>().layer(rules).layer(noting(&notes));
    let app = builder.start().await?;
    let (ann, eve, id) = (app.as_actor("ann"), app.as_actor("eve"), CommandId::from_bytes([7; 16]));
    ann.send(deposit("a", 5)).id(id).await?;
    ann.send(deposit("a", 5)).id(id).await?;
    ann.send(withdraw("a", 9)).await.unwrap_err();
    eve.send(deposit("a", 5)).await.unwrap_err();
    ann.send(deposit("a", 666)).await.unwrap_err();
    ann.send(Close { account: "a".into() }).await?;
    ann.send(Close { account: "a".into() }).await?;
    ann.send(withdraw("a", 1)).await.unwrap_err();
    let entries = notes.take();
    let version = |number| Some(Version::new(number).unwrap());
    let expected = [
        ("deposit", Ending::Stored, version(1), None),
        ("deposit", Ending::Repeated, version(1), None),
        ("withdraw", Ending::Rejected, None, Some("only 5 left")),
        ("deposit", Ending::Refused, None, Some("`eve` may not send `deposit`: no rule allows it")),
        ("deposit", Ending::Failed, None, Some("the command `deposit` panicked: assertion")),
        ("close", Ending::Stored, version(2), None),
        ("close", Ending::Unchanged, version(2), None),
        ("withdraw", Ending::Failed, None, Some("")),
    ];
    assert_eq!(entries.len(), expected.len(), "{entries:#?}");
    for (entry, (command, ending, version, reason)) in entries.iter().zip(expected) {
        assert_eq!((entry.command, entry.ending, entry.version), (command, ending, version));
        let told = entry.reason.as_deref();
        assert!(
            told.is_some() == reason.is_some() && told.unwrap_or_default().starts_with(reason.unwrap_or_default()),
            "{entry}"
        );
        assert_eq!(entry.position.is_some(), matches!(ending, Ending::Stored | Ending::Repeated), "{entry}");
        assert_eq!((entry.stream.clone(), entry.content.is_none()), (Some(StreamId::new("account", "a")?), true));
    }
    assert_eq!((entries[0].command_id, entries[3].actor()), (id, Some("eve")));
    Ok(())
}

#[tokio::test]
async fn an_entry_tells_in_a_line_who_sent_what_when() -> TestResult {
    let (notes, test) = (Notes::new(), TestEnv::seeded(1));
    let builder = App::new(memory()).env(test.env()).aggregate::<Account>();
    let app = builder.layer(noting(&notes).content_of::<Deposit>()).start().await?;
    test.run(async {
        test.clock().advance(Duration::from_secs(1));
        app.on_behalf_of(Tenant::new("acme")?, "ann").send(deposit("a", 5)).await?;
        app.send(withdraw("a", 5)).await.unwrap_err();
        let entries = notes.take();
        assert_eq!(entries[0].at, ManualClock::START.after(Duration::from_secs(1)));
        let line = "2026-01-01T00:00:01.000000Z ann deposit acme:account/a: stored at version 1";
        assert_eq!(entries[0].to_string(), line);
        assert_eq!(entries[1].to_string(), "2026-01-01T00:00:01.000000Z - withdraw account/a: rejected: only 0 left");
        let contents: Vec<_> = entries.iter().map(|entry| entry.content.clone()).collect();
        assert_eq!(contents, [Some(json!({ "account": "a", "amount": 5 })), None], "only what was asked for");
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_put_off_is_recorded_when_it_is_put_off_and_when_it_is_sent() -> TestResult {
    let (notes, test) = (Notes::new(), TestEnv::seeded(1));
    let app = App::new(memory()).env(test.env()).aggregate::<Account>().layer(noting(&notes)).start().await?;
    test.run(async {
        let put_off = app.as_actor("ann").send(deposit("a", 5)).after(Duration::from_secs(60)).await?;
        app.env().sleep_until(put_off.due.after(Duration::from_secs(1))).await;
        app.settled().await?;
        let entries = notes.take();
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].ending, entries[0].due, &entries[0].origin), (Ending::PutOff, Some(put_off.due), &Origin::Sender));
        assert_eq!((entries[1].ending, entries[1].due, &entries[1].origin), (Ending::Stored, None, &Origin::Schedule));
        assert!(entries.iter().all(|entry| entry.actor() == Some("ann") && entry.command_id == put_off.command_id));
        assert!(entries[0].to_string().ends_with(&format!(": put_off until {}", put_off.due)), "{}", entries[0]);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_a_saga_sends_is_recorded_with_the_saga_and_who_set_it_off() -> TestResult {
    let notes = Notes::new();
    let app = App::new(memory()).aggregate::<Account>().layer(noting(&notes)).saga_with(moving()).start().await?;
    app.send(deposit("a", 10)).await?;
    app.as_actor("ann").saga::<Move>()?.start("m", &Move::default()).await?;
    app.settled().await?;
    let entries = notes.take();
    assert_eq!(entries.len(), 4);
    for entry in &entries[1..] {
        assert_eq!((entry.origin.saga(), entry.actor(), entry.ending), (Some("move"), Some("ann"), Ending::Stored));
    }
    app.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::test]
async fn a_sender_that_gives_up_leaves_an_entry() -> TestResult {
    let notes = Notes::new();
    let (layer, _never) = waiting();
    let app = App::new(memory()).aggregate::<Account>().layer(layer).layer(noting(&notes)).start().await?;
    let mut sending = Box::pin(std::future::IntoFuture::into_future(app.send(deposit("a", 5))));
    assert!(futures_util::poll!(&mut sending).is_pending());
    assert!(notes.take().is_empty(), "it is on its way");
    drop(sending);
    assert_eq!(endings(&notes), [("deposit", Ending::Abandoned)]);
    Ok(())
}

#[tokio::test]
async fn a_sink_that_fails_or_panics_changes_no_answer() -> TestResult {
    let failing = AuditLayer::new(|_: AuditEntry| Err("the disk is full"));
    let panicking = AuditLayer::new(|entry: AuditEntry| -> Result<(), std::fmt::Error> { panic!("no {entry}") });
    let app = App::new(memory()).aggregate::<Account>().layer(failing).layer(panicking).start().await?;
    app.send(deposit("a", 5)).await?;
    let rejected = app.send(withdraw("a", 9)).await;
    assert!(matches!(rejected, Err(SendError::Rejected(AccountError::Short { balance: 5 }))), "{rejected:?}");
    Ok(())
}

#[tokio::test]
async fn a_layer_further_out_refuses_before_the_audit_sees_it() -> TestResult {
    let notes = Notes::new();
    // The wrong way round: the audit is added first, so it is inside.
    let builder = App::new(memory()).aggregate::<Account>().layer(noting(&notes)).layer(AuthorizeLayer::new());
    let app = builder.start().await?;
    app.send(deposit("a", 5)).await.unwrap_err();
    assert!(endings(&notes).is_empty());
    Ok(())
}
