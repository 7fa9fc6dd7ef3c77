use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)] enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
#[aggregate(parts(pricing))]
impl Order {
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
}
#[aggregate(part = pricing)]
impl Order {
    #[command]
    fn price(&self, _: Ship) -> Result<OrderEvent, Never> { Ok(OrderEvent::Placed) }
}
struct Ship;
fn main() { let _ = <Order as annals::Behaviour>::COMMANDS; }
