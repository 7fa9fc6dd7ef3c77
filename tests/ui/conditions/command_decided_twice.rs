use annals::prelude::*;
#[derive(Event)]
enum OrderEvent { Changed }
#[derive(Command)] struct Place { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[cfg(all())]
    #[command]
    fn place(&self, _: Place) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Changed) }
    #[cfg(not(any()))]
    #[command]
    fn place_otherwise(&self, _: Place) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Changed) }
}
fn main() {}
