use annals::prelude::*;

struct Place { order: String }
#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[command]
    fn place(&self, _: Place) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

async fn order(app: App) { app.send(Place { order: "A".into() }).actor("ann").await.unwrap(); }

fn main() {}
