use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
struct PlaceOrder;
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[command]
    fn place(&self, _: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}

fn main() {}
