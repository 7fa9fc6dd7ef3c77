use annals::prelude::*;

struct Place { order: String }
#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)] #[derive(Default)] struct Order;
#[aggregate]
impl Order {
    #[command]
    fn place(&self, _: Place) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}
#[derive(serde::Serialize, serde::Deserialize)] struct Checkout;
#[saga(manual)]
impl Checkout {
    #[step(nothing_to_undo)]
    fn place(&self) -> Place { Place { order: String::new() } }
}
fn main() { let _ = Checkout::definition(); }
