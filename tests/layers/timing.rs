//! How long commands take, in virtual time.

use std::time::Duration;

use annals::layer::{Ending, Origin, Refused, Request, TimingLayer};
use annals::prelude::*;
use annals_testing::TestEnv;
use tower::filter::{AsyncFilterLayer, FilterLayer};

use crate::support::*;
use crate::tools::{Notes, memory, waiting};

#[tokio::test]
async fn the_time_of_each_command_is_told_with_what_became_of_it() -> TestResult {
    let (notes, test) = (Notes::new(), TestEnv::seeded(1));
    let note = notes.clone();
    let timing = TimingLayer::new(move |timed| note.add(timed.clone()));
    // A command takes as many seconds as its amount.
    let slow = AsyncFilterLayer::new(|request: Request| async move {
        let seconds = request.commands_of::<Deposit>().map(|deposit| deposit.amount).sum();
        request.env().sleep_until(request.env().now().after(Duration::from_secs(seconds))).await;
        Ok::<_, tower::BoxError>(request)
    });
    let refuse = FilterLayer::new(|request: Request| {
        let closes = request.commands().any(|command| command.is::<Close>());
        if closes { Err(Refused::new("never")) } else { Ok(request) }
    });
    let builder = App::new(memory()).env(test.env()).aggregate::<Account>();
    let app = builder.layer(slow).layer(refuse).layer(timing).start().await?;
    test.run(async {
        app.send(deposit("a", 30)).await?;
        app.send(withdraw("a", 31)).await.unwrap_err();
        app.send(Close { account: "a".into() }).await.unwrap_err();
        let put_off = app.send(withdraw("a", 30)).after(Duration::from_secs(60)).await?;
        app.env().sleep_until(put_off.due.after(Duration::from_secs(1))).await;
        app.settled().await?;
        let told = notes.take();
        let told: Vec<_> = told.iter().map(|it| (it.command, it.origin.clone(), it.ending, it.took.as_secs())).collect();
        let expected = [
            ("deposit", Origin::Sender, Ending::Stored, 30),
            ("withdraw", Origin::Sender, Ending::Rejected, 0),
            ("close", Origin::Sender, Ending::Refused, 0),
            ("withdraw", Origin::Sender, Ending::PutOff, 0),
            ("withdraw", Origin::Schedule, Ending::Stored, 0),
        ];
        assert_eq!(told, expected);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_a_sender_waited_for_before_it_gave_up_is_told() -> TestResult {
    let (notes, test) = (Notes::new(), TestEnv::seeded(1));
    let note = notes.clone();
    let (layer, _never) = waiting();
    let timing = TimingLayer::new(move |timed| note.add((timed.category, timed.ending, timed.took)));
    let app = App::new(memory()).env(test.env()).aggregate::<Account>().layer(layer).layer(timing).start().await?;
    let mut sending = Box::pin(std::future::IntoFuture::into_future(app.send(deposit("a", 5))));
    assert!(futures_util::poll!(&mut sending).is_pending());
    test.clock().advance(Duration::from_secs(7));
    drop(sending);
    assert_eq!(notes.take(), [("account", Ending::Abandoned, Duration::from_secs(7))]);
    Ok(())
}
