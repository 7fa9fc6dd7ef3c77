//! Parts of an aggregate.

use annals::Behaviour;

macro_rules! order {
    ($module:ident, $there:meta) => {
        mod $module {
            use std::convert::Infallible;

            use annals::prelude::*;

            #[derive(Event)]
            pub(super) enum OrderEvent {
                Changed,
            }

            #[aggregate(id = String, event = OrderEvent)]
            #[derive(Debug, Default)]
            pub(super) struct Order;

            #[aggregate(parts(#[cfg($there)] priced, sent, #[cfg(not($there))] counted))]
            impl Order {
                #[cfg($there)]
                #[command(Place)]
                fn place(&self) -> Result<OrderEvent, Infallible> {
                    Ok(OrderEvent::Changed)
                }

                #[event]
                fn evolve(&mut self, _: &OrderEvent) {}
            }

            // A part that is there, and one that is not.
            #[cfg($there)]
            #[aggregate(part = priced)]
            impl Order {
                #[command(Price)]
                fn price(&self) -> Result<OrderEvent, Infallible> {
                    Ok(OrderEvent::Changed)
                }
            }

            #[aggregate(part = counted)]
            #[cfg(not($there))]
            impl Order {
                #[command(Count)]
                fn count(&self) -> Result<OrderEvent, Infallible> {
                    Ok(OrderEvent::Changed)
                }
            }

            // A part of which nothing may be left.
            #[aggregate(part = sent)]
            impl Order {
                #[cfg($there)]
                #[command(Send)]
                fn send(&self) -> Result<OrderEvent, Infallible> {
                    Ok(OrderEvent::Changed)
                }
            }
        }
    };
}

order!(with, all());
order!(without, any());

fn names<A: Behaviour>() -> Vec<&'static str> {
    A::COMMANDS.iter().map(|command| command.name).collect()
}

#[test]
fn an_aggregate_has_the_parts_that_exist() {
    assert_eq!(names::<with::Order>(), ["place", "price", "send"]);
    assert_eq!(names::<without::Order>(), ["count"]);
}
