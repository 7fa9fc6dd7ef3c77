use annals::{Command, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct PlaceOrder { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate(foo, bar = 1)]
impl Order {
    #[event]
    fn evolve(&self, _: OrderEvent) {}
    #[command]
    async fn place(&mut self, _: PlaceOrder) -> OrderEvent { OrderEvent::Placed }
}

fn main() {}
