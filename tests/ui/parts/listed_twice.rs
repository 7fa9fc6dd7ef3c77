use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)] enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
#[aggregate(parts(pricing, pricing))]
impl Order {
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
}
#[aggregate(part = pricing)]
impl Order {
    #[command(Price)]
    fn price(&self, _total: u64) -> Result<OrderEvent, Never> { Ok(OrderEvent::Placed) }
}
fn main() { let _ = <Order as annals::Behaviour>::COMMANDS; }
