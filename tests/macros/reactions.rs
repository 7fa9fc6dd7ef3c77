//! Sagas of reactions, as `#[saga]` writes them.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use annals::MemoryStore;
use annals::prelude::*;
use annals::saga::{Phase, Reaction};
use annals_testing::{TestEnv, given_saga};
use serde::{Deserialize, Serialize};

use super::saga_domain::{Abandon, Buy, Cart, CartEvent, Empty, Leave, Open, Shelf, ShelfEvent, Take};
use super::support::record;

const DAY: Duration = Duration::from_secs(86_400);

/// Helps a customer, who has a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Clerk {
    cart: String,
    seen: Vec<String>,
}

#[saga(name = "helpers", version = 2)]
impl Clerk {
    #[start]
    fn greet(event: &CartEvent, context: &EventContext<'_>) -> Option<Self> {
        matches!(event, CartEvent::Bought { .. }).then(|| Self { cart: context.stream_id().to_owned(), seen: Vec::new() })
    }

    #[on]
    fn cart(&mut self, event: &CartEvent, context: &EventContext<'_>) -> Reaction {
        self.seen.push(format!("{} {}", context.stream_id(), context.version()));
        let cart = || self.cart.clone();
        match event {
            CartEvent::Bought { shelves, .. } => Reaction::new()
                .send((
                    Open { cart: cart() },
                    shelves.iter().map(|shelf| Take { shelf: shelf.clone(), cart: cart() }).collect::<Vec<_>>(),
                ))
                .send_after(DAY, Abandon { cart: cart(), why: "too slow".into() }),
            CartEvent::Opened => Reaction::new(),
            CartEvent::Dropped { .. } => Reaction::new().end(),
            CartEvent::Left => Reaction::new().cancel::<Abandon>().end(),
        }
    }

    #[on]
    fn shelf(&mut self, event: &ShelfEvent) -> Option<Leave> {
        matches!(event, ShelfEvent::Taken { .. }).then(|| Leave { cart: self.cart.clone() })
    }

    #[key]
    fn cart_of(event: &ShelfEvent) -> Option<String> {
        match event {
            ShelfEvent::Taken { cart } => Some(cart.clone()),
            ShelfEvent::PutBack { .. } => None,
        }
    }

    #[rejected]
    fn nothing_there(&mut self, command: &Take, error: &Empty) {
        self.seen.push(format!("{}: {error}", command.shelf));
    }

    #[cfg(any())]
    #[on]
    fn not_here(&mut self, event: &Nothing) {}
}

fn cart() -> String {
    "c".to_owned()
}

fn bought(shelf: &str) -> CartEvent {
    CartEvent::Bought { total: 1, shelves: vec![shelf.to_owned()] }
}

#[test]
fn the_marks_say_what_it_reacts_to() {
    let definition = Clerk::definition().unwrap();
    assert_eq!((definition.plan().name, definition.plan().version, definition.plan().steps.len()), ("helpers", 2, 0));
    let heard = |event| definition.heard(&event).unwrap().into_iter().map(|heard| heard.key).collect::<Vec<_>>();
    assert_eq!(heard(record(("shelf", "milk"), &ShelfEvent::Taken { cart: cart() })), ["c"]);
    assert!(heard(record(("shelf", "milk"), &ShelfEvent::PutBack { cart: cart() })).is_empty());
    assert_eq!(heard(record(("cart", "c"), &CartEvent::Left)), ["c"]);
}

#[test]
fn a_reaction_is_what_the_method_returns() {
    given_saga::<Clerk>()
        .begun_by::<Cart>(&cart(), bought("milk"))
        .sends((Open { cart: cart() }, Take { shelf: "milk".into(), cart: cart() }))
        .puts_off(DAY, Abandon { cart: cart(), why: "too slow".into() })
        .hears_of::<Shelf>(&"milk".to_owned(), ShelfEvent::Taken { cart: cart() })
        .sends(Leave { cart: cart() })
        .then_state(|clerk| assert_eq!(clerk.seen, ["c 1"], "the event that began it counts, too"));
}

#[tokio::test]
async fn it_sends_now_and_later_and_hears_of_refusals() -> Result<(), Box<dyn Error>> {
    let test = TestEnv::seeded(1);
    test.run(async {
        let shop = App::new(Arc::new(MemoryStore::new())).env(test.env()).aggregate::<Cart>().aggregate::<Shelf>();
        let app = shop.saga::<Clerk>().start().await?;
        for (cart, shelf) in [("quick", "milk"), ("slow", "empty")] {
            app.send(Buy { cart: cart.into(), total: 1, shelves: vec![shelf.into()] }).await?;
        }
        app.settled().await?;
        app.env().sleep_until(app.env().now().after(DAY)).await;
        app.settled().await?;

        let clerks = app.saga::<Clerk>()?;
        let (quick, mut slow) = (clerks.get("quick").await?.unwrap(), clerks.get("slow").await?.unwrap());
        assert_eq!((quick.phase(), slow.phase()), (Phase::Completed, Phase::Completed));
        assert_eq!(quick.state.seen, ["quick 1", "quick 2", "quick 3"]);
        slow.state.seen.sort(); // the refusal may be heard of before what happened to the cart, or after
        assert_eq!(slow.state.seen, ["empty: the shelf is empty", "slow 1", "slow 2", "slow 3"]);
        assert_eq!(app.load::<Cart>(&"quick".to_owned()).await?.state.events, ["bought", "opened", "left"]);
        assert_eq!(app.load::<Cart>(&"slow".to_owned()).await?.state.events, ["bought", "opened", "dropped: too slow"]);
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}
