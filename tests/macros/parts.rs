//! One aggregate in several blocks.

use std::convert::Infallible;

use annals::prelude::*;
use annals::{Behaviour, Routed};

#[derive(Event, Debug, PartialEq)]
pub(crate) enum OrderEvent {
    Placed,
    Priced { total: u64 },
    Sent,
}

#[aggregate(id = String, event = OrderEvent)]
#[derive(Debug, Default)]
pub(crate) struct Order {
    total: u64,
}

#[aggregate(parts(pricing, shipping))]
impl Order {
    #[command(Place)]
    fn place(&self) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Placed)
    }

    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        if let OrderEvent::Priced { total } = event {
            self.total = *total;
        }
    }
}

mod pricing {
    use super::*;

    pub(crate) struct Rate(pub(crate) u64);

    #[aggregate(part = pricing)]
    impl Order {
        #[prepare]
        async fn rate(_command: &Price, rate: &Rate) -> Result<u64, Infallible> {
            Ok(rate.0)
        }

        #[command(pub(crate) Price)]
        fn price(&self, amount: u64, rate: &u64) -> Result<OrderEvent, Infallible> {
            Ok(OrderEvent::Priced { total: amount * rate })
        }

        #[command(pub(crate) Discount)]
        fn discount(&self, by: u64) -> Result<Option<OrderEvent>, Infallible> {
            Ok((by > 0).then(|| OrderEvent::Priced { total: self.total.saturating_sub(by) }))
        }
    }
}

mod shipping {
    use super::*;

    #[derive(Command)]
    pub(crate) struct Send {
        #[id]
        pub(crate) order: String,
    }

    #[aggregate(part = shipping)]
    impl Order {
        #[command]
        fn send(&self, _command: Send) -> Result<OrderEvent, Infallible> {
            Ok(OrderEvent::Sent)
        }

        #[cfg(any())]
        #[command]
        fn not_here(&self, _command: NotHere) -> Result<OrderEvent, Infallible> {}
    }
}

#[test]
fn the_commands_of_all_blocks_are_known() {
    let names: Vec<_> = Order::COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(names, ["place", "price", "discount", "send"]);
    let services: Vec<_> = Order::COMMANDS.iter().map(|command| (command.services)().len()).collect();
    assert_eq!(services, [0, 1, 0, 0]);
}

#[test]
fn a_command_of_a_part_knows_its_aggregate() {
    fn category<C: Routed>() -> &'static str {
        C::Aggregate::CATEGORY
    }
    assert_eq!((category::<pricing::Price>(), category::<shipping::Send>()), ("order", "order"));
}

#[tokio::test]
async fn a_service_that_only_a_part_needs_is_asked_for_at_the_start() -> Result<(), Box<dyn std::error::Error>> {
    let start = |services: fn(annals::AppBuilder) -> annals::AppBuilder| async move {
        let store = annals::connect("memory:").await?;
        services(App::new(store).aggregate::<Order>()).start().await.map_err(Box::<dyn std::error::Error>::from)
    };
    let missing = start(|app| app).await.unwrap_err();
    assert!(missing.to_string().contains("`price`"), "{missing}");

    let app = start(|app| app.service(pricing::Rate(3))).await?;
    app.send(Place { id: "A".into() }).await?;
    app.send(pricing::Price { id: "A".into(), amount: 5 }).await?;
    app.send(pricing::Discount { id: "A".into(), by: 1 }).await?;
    app.send(shipping::Send { order: "A".into() }).await?;
    assert_eq!(app.load::<Order>(&"A".into()).await?.state.total, 14);
    Ok(())
}
