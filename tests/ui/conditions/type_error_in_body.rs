use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)]
enum OrderEvent { Changed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[cfg(all())]
    #[command(Place)]
    fn place(&self, total: u64) -> Result<OrderEvent, Never> {
        let _: String = total;
        Ok(OrderEvent::Changed)
    }
}
fn main() {}
