use annals::{Command, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct PlaceOrder { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct One;
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Two;
#[aggregate]
impl One {
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
    #[command] fn place(&self, _: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}
#[aggregate]
impl Two {
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
    #[command] fn place(&self, _: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}

fn main() {}
