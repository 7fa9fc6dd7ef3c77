//! Where a macro is used does not matter: inside a function, inside a `macro_rules!`, with everything imported, under a
//! condition.

use annals::*;

#[derive(Event)]
#[event(name = "order")]
enum OrderEvent {
    #[event(name = "placed")]
    Placed {
        #[tag(key = "total")]
        total: u64,
    },
}

#[derive(Command)]
#[command(name = "place")]
struct PlaceOrder {
    #[id]
    order: String,
}

macro_rules! order {
    ($order:ident, $command:ty, $declared:ident, $field:ident, $event:ty, $price:ty, $result:ty) => {
        #[aggregate(id = String, event = $event)]
        #[derive(Default)]
        struct $order;

        #[aggregate]
        impl $order {
            #[prepare]
            async fn price(_command: &$command, price: &$price) -> Result<$price, std::fmt::Error> {
                Ok(*price)
            }

            #[command]
            fn place(&self, _command: &$command, price: &$price, _context: &Context) -> $result {
                Ok(OrderEvent::Placed { total: *price })
            }

            #[command($declared)]
            fn pay(&self, $field: $price, by: String, id: &str) -> $result {
                Ok(OrderEvent::Placed { total: $field + (by.len() + id.len()) as $price })
            }

            #[event]
            fn evolve(&mut self, _event: &$event) {}

            #[cfg(any())]
            #[command]
            fn not_here(&self, _command: NotHere) -> Result<$event, std::fmt::Error> {
                Err(std::fmt::Error)
            }
        }

        #[derive(Default, serde::Serialize, serde::Deserialize)]
        struct Revenue;

        #[projection]
        impl Revenue {
            #[on]
            fn order(&mut self, _event: &$event, _context: &EventContext<'_>) {}

            #[key]
            fn order_key(_event: &$event, _context: &EventContext<'_>) -> String {
                String::new()
            }
        }

        #[derive(serde::Serialize, serde::Deserialize)]
        struct Checkout;

        #[saga]
        impl Checkout {
            #[start]
            fn begin(_event: &$event, _context: &EventContext<'_>) -> Option<Self> {
                None
            }

            #[cfg(any())]
            #[key]
            fn not_this_key(_event: &$event) -> NotHere {
                NotHere
            }

            #[cfg(all())]
            #[key]
            fn this_key(_event: &$event) -> String {
                String::new()
            }

            #[step]
            fn place(&self) -> Vec<$command> {
                Vec::new()
            }

            #[cfg(all())]
            #[undo(place)]
            fn take_back(&self) -> Option<$command> {
                None
            }

            #[cfg(any())]
            #[undo(place)]
            fn take_nothing_back(&self) -> NotHere {
                NotHere
            }

            #[step(nothing_to_undo)]
            async fn ask(&self, _price: &$price) -> Result<$price, saga::StepError<std::fmt::Error>> {
                Ok(1)
            }

            #[outcome(ask)]
            fn asked(&mut self, _price: $price) {}

            #[cfg(any())]
            #[step(pivot)]
            async fn ship_nothing(&self) -> NotHere {
                NotHere
            }

            #[cfg(any())]
            #[outcome(ship_nothing)]
            fn shipped_nothing(&mut self, _not: NotHere) {}

            #[cfg(all())]
            #[step(pivot)]
            fn ship(&self) -> Option<$command> {
                None
            }

            #[wait]
            fn sent(_event: &$event) -> Option<Result<$price, String>> {
                None
            }

            #[cfg(any())]
            #[failure]
            fn failed_otherwise(&mut self, _failure: &NotHere) {}
        }

        #[derive(serde::Serialize, serde::Deserialize)]
        struct Fulfilment;

        #[saga(manual)]
        impl Fulfilment {
            #[on]
            fn order(&mut self, _event: &$event) -> Option<$command> {
                None
            }

            #[rejected]
            fn refused(&mut self, _command: &$command, _error: &std::fmt::Error) {}

            #[cfg(any())]
            #[rejected]
            fn not_refused(&mut self, _command: &NotHere, _error: &NotHere) {}
        }

        struct Rows;

        #[projection(sqlite)]
        impl Rows {
            #[setup]
            fn tables(&self, _tx: &sqlite::Transaction<'_>) -> Result<(), sqlite::Error> {
                Ok(())
            }

            #[on]
            fn order(
                &self,
                _event: &$event,
                _context: &EventContext<'_>,
                _tx: &sqlite::Transaction<'_>,
            ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
                Ok(())
            }
        }
    };
}

macro_rules! messages {
    ($field:ident, $ty:ty) => {
        #[derive(Event)]
        enum StockEvent {
            Taken {
                #[tag]
                $field: $ty,
                #[tag]
                other: Option<$ty>,
            },
        }

        #[derive(Command)]
        struct TakeStock {
            #[id]
            $field: $ty,
            amount: $ty,
        }
    };
}

order!(Order, PlaceOrder, PayOrder, amount, OrderEvent, u64, Result<OrderEvent, std::fmt::Error>);

#[test]
fn an_item_may_be_local_and_made_by_another_macro() {
    messages!(article, u64);

    assert_eq!(Order::COMMANDS.len(), 2);
    assert_eq!(
        PayOrder { id: "A".into(), amount: 1, by: "B".into() }.encode().unwrap().data,
        r#"{"id":"A","amount":1,"by":"B"}"#
    );
    assert_eq!(Revenue::NAME, "revenue");
    let checkout = Checkout::definition().unwrap();
    let steps: Vec<_> = checkout.plan().steps.iter().map(|step| (step.name, step.undo, step.pivot)).collect();
    assert_eq!(steps, [("place", true, false), ("ask", false, false), ("ship", false, true), ("sent", false, false)]);
    assert_eq!(Fulfilment::definition().unwrap().plan().name, "fulfilment");
    assert_eq!((StockEvent::KINDS[0].name, TakeStock::NAME), ("stock.taken", "take_stock"));
    assert_eq!(TakeStock { article: 1, amount: 2 }.duplicate().amount, 2);
    assert_eq!(StockEvent::Taken { article: 1, other: None }.tags().unwrap().len(), 1);
}

#[test]
fn the_events_of_a_decision_may_be_of_a_hidden_type() {
    #[derive(Command)]
    struct Repeat {
        #[id]
        order: String,
    }

    #[aggregate(id = String, event = OrderEvent)]
    #[derive(Default)]
    struct Repeated;

    #[aggregate]
    impl Repeated {
        #[command(Unsaid)]
        fn unsay(&self) -> Result<[OrderEvent; 0], std::convert::Infallible> {
            Ok([])
        }

        #[command]
        fn repeat(&self, _command: Repeat) -> Result<impl IntoEvents<OrderEvent>, std::convert::Infallible> {
            Ok([OrderEvent::Placed { total: 1 }, OrderEvent::Placed { total: 2 }])
        }

        #[event]
        fn evolve(&mut self, _event: &OrderEvent) {}
    }

    assert_eq!(Repeated::COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>(), ["unsaid", "repeat"]);
}
