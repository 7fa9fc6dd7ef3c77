//! Checks of commands before anything is loaded.

use annals::layer::{Invalid, ValidateLayer};
use annals::prelude::*;
use annals::saga::Phase;

use crate::support::*;
use crate::tools::{Closed, Move, memory, moving};

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0} is too much")]
struct TooMuch(u64);

fn checks() -> ValidateLayer {
    ValidateLayer::new()
        .check::<Deposit, _>(|deposit| if deposit.amount > 100 { Err(TooMuch(deposit.amount)) } else { Ok(()) })
        .check::<Deposit, _>(|deposit| if deposit.account == "bank" { Err(Closed) } else { Ok(()) })
        .check::<Withdraw, _>(|withdraw| if withdraw.amount == 0 { Err("nothing is no amount") } else { Ok(()) })
}

#[tokio::test]
async fn every_failure_of_a_command_is_told_and_nothing_is_loaded() -> TestResult {
    for fresh in stores().await {
        let app = App::new(fresh.store).aggregate::<Account>().layer(checks()).start().await?;
        app.send(deposit("a", 100)).await?;
        let error = app.send(deposit("bank", 101)).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_)), "{error:?}");
        let invalid = error.layer::<Invalid>().unwrap();
        assert_eq!((invalid.command, invalid.failures.len()), ("deposit", 2));
        assert_eq!(invalid.all::<TooMuch>().collect::<Vec<_>>(), [&TooMuch(101)]);
        assert_eq!(invalid.to_string(), "`deposit` is invalid: 101 is too much, the bank is closed");
        // The aggregate would have said that there is nothing to take.
        let error = app.send(withdraw("empty", 0)).await.unwrap_err();
        assert_eq!(error.layer::<Invalid>().unwrap().to_string(), "`withdraw` is invalid: nothing is no amount");
        app.send(Close { account: "bank".into() }).await?;
        assert_eq!(app.load::<Account>(&"bank".into()).await?.version.get(), 1, "only what has no check");
    }
    Ok(())
}

#[tokio::test]
async fn the_commands_of_a_saga_are_checked_like_any_others() -> TestResult {
    let app = App::new(memory()).aggregate::<Account>().layer(checks()).saga_with(moving()).start().await?;
    app.send(deposit("a", 10)).await?;
    app.saga::<Move>()?.start("m", &Move::default()).await?;
    app.settled().await?;
    let ended = app.saga::<Move>()?.get("m").await?.unwrap();
    let failure = Some("`deposit` is invalid: the bank is closed");
    assert_eq!((ended.phase(), ended.state.failure.as_deref()), (Phase::Compensated, failure));
    Ok(())
}
