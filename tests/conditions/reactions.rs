//! Sagas of reactions.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use annals::{App, MemoryStore, Saga};
use annals_testing::{TestEnv, given_saga};

use super::support::record;
use super::world::{Empty, Order, OrderEvent, Place, Stock, StockEvent, Take, a, send, take};

macro_rules! clerk {
    ($module:ident, $there:meta) => {
        pub(super) mod $module {
            use annals::prelude::*;
            use serde::{Deserialize, Serialize};

            use crate::world::*;

            #[derive(Debug, Serialize, Deserialize)]
            pub(in super::super) struct Clerk {
                pub(in super::super) seen: Vec<String>,
                #[cfg($there)]
                pub(in super::super) refused: Option<String>,
            }

            #[saga]
            impl Clerk {
                // One of two.
                #[cfg($there)]
                #[start]
                fn begin(_: &OrderEvent) -> Option<Self> {
                    Some(Self { seen: vec!["begun".into()], refused: None })
                }

                #[cfg(not($there))]
                #[start]
                fn begin(_: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
                    Some(Self { seen: vec![context.stream_id().into()] })
                }

                // The first reaction may be one that does not exist.
                #[cfg($there)]
                #[on]
                fn stock(&mut self, _: &StockEvent) -> Send {
                    self.seen.push("stock".into());
                    send()
                }

                #[cfg_attr($there, key)]
                pub(in super::super) fn of_stock(_: &StockEvent) -> String {
                    a()
                }

                #[cfg_attr($there, on)]
                #[cfg($there)]
                fn order(&mut self, event: &OrderEvent) -> Option<Vec<Take>> {
                    let empty = Take { shelf: "empty".into(), order: a() };
                    (*event == OrderEvent::Placed).then(|| vec![take(), empty])
                }

                #[on]
                #[cfg(not($there))]
                fn order(&mut self, _: &OrderEvent) -> Take {
                    take()
                }

                #[cfg_attr($there, rejected)]
                pub(in super::super) fn refused(&mut self, _: &Take, error: &Empty) {
                    #[cfg($there)]
                    self.refused.replace(error.to_string());
                    #[cfg(not($there))]
                    self.seen.push(error.to_string());
                }
            }
        }
    };
}

clerk!(with, all());
clerk!(without, any());

fn heard<S: Saga>(event: &StockEvent) -> Vec<String> {
    let event = record(("stock", "milk"), event);
    S::definition().unwrap().heard(&event).unwrap().into_iter().map(|heard| heard.key).collect()
}

fn taken() -> StockEvent {
    StockEvent::Taken { order: a() }
}

#[test]
fn a_reaction_exists_as_its_method_does() {
    given_saga::<with::Clerk>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .sends(vec![take(), Take { shelf: "empty".into(), order: a() }])
        .hears_of::<Stock>(&"milk".to_owned(), taken())
        .sends(send())
        .then_state(|clerk| assert_eq!(clerk.seen, ["begun", "stock"]));
    given_saga::<without::Clerk>()
        .begun_by::<Order>(&a(), OrderEvent::Placed)
        .sends(take())
        .then_state(|clerk| assert_eq!(clerk.seen, ["A"]));

    assert_eq!(heard::<with::Clerk>(&taken()), [a()]);
    assert!(heard::<without::Clerk>(&taken()).is_empty());
}

#[tokio::test]
async fn a_refusal_is_heard_of_if_its_method_exists() -> Result<(), Box<dyn Error>> {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = App::new(Arc::new(MemoryStore::new())).env(test.env()).aggregate::<Order>().aggregate::<Stock>();
        let app = app.saga::<with::Clerk>().start().await?;
        app.send(Place { order: a() }).await?;
        app.settled().await?;

        let clerk = app.saga::<with::Clerk>()?.get("A").await?.unwrap();
        assert_eq!(clerk.state.refused.as_deref(), Some("the shelf is empty"));
        app.shutdown(Duration::ZERO).await;
        Ok(())
    })
    .await
}

#[test]
fn without_its_mark_a_method_is_one_like_others() {
    let mut clerk = without::Clerk { seen: Vec::new() };
    clerk.refused(&take(), &Empty);
    assert_eq!((clerk.seen, without::Clerk::of_stock(&taken())), (vec!["the shelf is empty".to_owned()], a()));
}
