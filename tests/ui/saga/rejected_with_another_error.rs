use annals::prelude::*;
#[derive(Event)] enum OrderEvent { Placed }
#[derive(Command)] struct Ship { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)] struct Order;
#[aggregate]
impl Order {
    #[command] fn ship(&self, _: Ship) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
    #[event] fn evolve(&mut self, _: &OrderEvent) {}
}
#[derive(serde::Serialize, serde::Deserialize)] struct Checkout;
#[saga(manual)]
impl Checkout {
    #[on] fn order(&mut self, _: &OrderEvent) -> Ship { Ship { order: String::new() } }
    #[rejected] fn refused(&mut self, _: &Ship, _: &std::io::Error) {}
}
fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
