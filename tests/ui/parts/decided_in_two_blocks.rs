use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)] enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
#[aggregate(parts(pricing))]
impl Order {
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
    #[command] fn ship(&self, _: Ship) -> Result<OrderEvent, Never> { Ok(OrderEvent::Placed) }
}
#[aggregate(part = pricing)]
impl Order {
    #[command]
    fn price(&self, _: Ship) -> Result<OrderEvent, Never> { Ok(OrderEvent::Placed) }
}
#[derive(Command)] struct Ship { #[id] order: String }
fn main() { let _ = <Order as annals::Behaviour>::COMMANDS; }
