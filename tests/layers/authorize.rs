//! Who may send what: nobody, unless a rule says so.

use std::time::Duration;

use annals::layer::{AuthorizeLayer, Forbidden, ForbiddenReason};
use annals::prelude::*;
use annals::saga::Phase;
use annals::{AppBuilder, ScheduleEvent, StartError, Tenant};
use annals_testing::TestEnv;

use crate::support::*;
use crate::tools::{Move, memory, moving};

fn guarded(rules: AuthorizeLayer) -> AppBuilder {
    App::new(memory()).aggregate::<Account>().layer(rules)
}

/// The owner may deposit and withdraw; nobody may close.
fn owners() -> AuthorizeLayer {
    AuthorizeLayer::new()
        .allow::<Deposit>(|who, deposit| who.is(&deposit.account))
        .allow::<Withdraw>(|who, withdraw| who.is(&withdraw.account))
        .allow::<Withdraw>(|who, _| who.metadata().get("role") == Some("clerk"))
}

fn forbidden<E: std::error::Error>(sent: Result<annals::Receipt, SendError<E>>) -> Forbidden {
    match sent {
        Err(error @ SendError::Refused(_)) => error.layer::<Forbidden>().expect("it says why").clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_a_rule_everything_is_refused() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store).aggregate::<Account>().layer(AuthorizeLayer::new()).start().await?;
        for actor in ["ann", "root", ""] {
            let refused = forbidden(app.as_actor(actor).send(deposit("ann", 5)).await);
            assert_eq!((refused.command, refused.actor.as_deref()), ("deposit", Some(actor)));
            assert_eq!(refused.reason, ForbiddenReason::NoRule);
        }
        let refused = forbidden(app.send(deposit("ann", 5)).await);
        let expected = "a sender without an actor may not send `deposit`: there is no rule for it, add one with `.allow::<…>(…)`";
        assert_eq!(refused.to_string(), expected);
        assert_eq!(app.load::<Account>(&"ann".into()).await?.version, annals::Version::ZERO, "nothing was stored");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_rule_allows_goes_through_and_nothing_else() -> TestResult {
    let app = guarded(owners()).start().await?;
    let (ann, eve) = (app.as_actor("ann"), app.as_actor("eve"));
    ann.send(deposit("ann", 5)).await?;
    let refused = forbidden(eve.send(withdraw("ann", 5)).await);
    assert_eq!(refused.to_string(), "`eve` may not send `withdraw`: no rule allows it");
    assert_eq!(forbidden(app.send(withdraw("ann", 5)).await).reason, ForbiddenReason::Rule, "nobody is not somebody");
    assert_eq!(forbidden(ann.send(Close { account: "ann".into() }).await).reason, ForbiddenReason::NoRule);
    // Of two rules for a command, one is enough.
    eve.send(withdraw("ann", 5)).with("role", "clerk")?.await?;
    assert_eq!(app.load::<Account>(&"ann".into()).await?.version.get(), 2);
    Ok(())
}

#[tokio::test]
async fn tenants_are_kept_apart_before_any_rule_is_asked() -> TestResult {
    let rules = AuthorizeLayer::new()
        .allow::<Deposit>(|_, _| true)
        .isolate(|actor, tenant| actor.split_once('/').is_some_and(|(of, _)| of == tenant.as_str()));
    let app = guarded(rules).start().await?;
    let (acme, other) = (Tenant::new("acme")?, Tenant::new("other")?);
    let ann = app.on_behalf_of(acme.clone(), "acme/ann");
    ann.send(deposit("a", 5)).await?;
    let refused = forbidden(ann.send(deposit("a", 5)).tenant(other.clone()).await);
    assert_eq!((&refused.tenant, &refused.reason), (&other, &ForbiddenReason::Tenant));
    assert_eq!(refused.to_string(), "`acme/ann` may not send `deposit`: the tenant is another one");
    assert_eq!(forbidden(ann.send(deposit("a", 5)).tenant(Tenant::NONE).await).reason, ForbiddenReason::Tenant);
    assert_eq!(forbidden(app.send(deposit("a", 5)).tenant(acme).await).reason, ForbiddenReason::Tenant, "nobody belongs nowhere");
    assert_eq!(app.load_of::<Account>(&other, &"a".into()).await?.version, annals::Version::ZERO);
    Ok(())
}

async fn moved(rules: AuthorizeLayer) -> Result<(Phase, Option<String>, u64), Box<dyn std::error::Error>> {
    let app = guarded(rules).saga_with(moving()).start().await?;
    app.as_actor("a").send(deposit("a", 10)).await?;
    // Whoever sets it off could send the first command by hand.
    let sagas = app.as_actor("a").saga::<Move>()?;
    sagas.start("m", &Move::default()).await?;
    app.settled().await?;
    let ended = sagas.get("m").await?.unwrap();
    let balance = app.load::<Account>(&"a".into()).await?.state.balance;
    app.shutdown(Duration::from_secs(5)).await;
    Ok((ended.phase(), ended.state.failure, balance))
}

#[tokio::test]
async fn a_saga_must_be_allowed_and_then_it_may_do_what_it_does() -> TestResult {
    let says = "`a` may not send `withdraw`: it comes from the saga `move`, add `.allow_saga(\"move\")` or `.allow_sagas()`";
    assert_eq!(moved(owners()).await?, (Phase::Compensated, Some(says.into()), 10));
    assert_eq!(moved(owners().allow_saga("another")).await?.0, Phase::Compensated);
    assert_eq!(moved(owners().allow_saga("move")).await?, (Phase::Completed, None, 0));
    assert_eq!(moved(owners().allow_sagas()).await?, (Phase::Completed, None, 0));
    Ok(())
}

#[tokio::test]
async fn putting_a_command_off_gives_nobody_a_right() -> Result<(), StartError> {
    let test = TestEnv::seeded(1);
    let hour = Duration::from_secs(3_600);
    let until = test.env().now().after(hour);
    let clock = test.env();
    // The right ends after an hour.
    let rules = AuthorizeLayer::new().allow::<Deposit>(move |who, deposit| who.is(&deposit.account) && clock.now() < until);
    let app = guarded(rules).env(test.env()).start().await?;
    test.run(async {
        let refused = app.as_actor("eve").send(deposit("ann", 5)).after(hour / 2).await.unwrap_err();
        assert_eq!(refused.layer::<Forbidden>().map(|why| &why.reason), Some(&ForbiddenReason::Rule));
        let ann = app.as_actor("ann");
        let early = ann.send(deposit("ann", 5)).after(hour / 2).await.unwrap();
        let late = ann.send(deposit("ann", 5)).after(2 * hour).await.unwrap();
        app.env().sleep_until(app.env().now().after(3 * hour)).await;
        app.settled().await.unwrap();
        let end = async |id| ann.scheduled(id).await.unwrap().pop().unwrap().event;
        assert_eq!(end(early.command_id).await, ScheduleEvent::Sent {});
        let reason = "`ann` may not send `deposit`: no rule allows it".into();
        assert_eq!(end(late.command_id).await, ScheduleEvent::Rejected { reason });
        assert_eq!(ann.load::<Account>(&"ann".into()).await.unwrap().state.balance, 5);
        app.shutdown(Duration::ZERO).await;
    })
    .await;
    Ok(())
}

#[test]
fn what_is_allowed_can_be_read_in_the_log() {
    let rules = owners().allow_saga("move").isolate(|_, _| true);
    let shown = r#"AuthorizeLayer { allow: ["deposit", "withdraw"], isolate: true, sagas: {"move"} }"#;
    assert_eq!(format!("{rules:?}"), shown);
    assert_eq!(
        format!("{:?}", AuthorizeLayer::new().allow_sagas()),
        r#"AuthorizeLayer { allow: [], isolate: false, sagas: "all" }"#
    );
}
