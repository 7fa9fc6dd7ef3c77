use annals::{Command, CommandOf, Event, Routed, aggregate};

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
    fn place(&mut self, _: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}
fn main() {
    fn send<C: Routed>(_: C) -> Option<<C as CommandOf<C::Aggregate>>::Error> { None }
    if let Some(std::fmt::Error) = send(PlaceOrder { order: String::new() }) {}
}
