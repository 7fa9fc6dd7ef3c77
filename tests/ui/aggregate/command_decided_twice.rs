use annals::{Command, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct PlaceOrder { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[command]
    fn place(&self, _: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
    #[command]
    fn place_again(&self, _: &PlaceOrder) -> Result<Vec<OrderEvent>, std::fmt::Error> { Ok(vec![]) }
}

fn main() {}
