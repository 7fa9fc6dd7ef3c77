use annals::{Aggregate, Command, Event, Routed, aggregate};

#[derive(Event)]
enum OrderEvent { Paid }
#[derive(Command)]
struct Pay { order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[command]
    fn pay(&self, command: Pay) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Paid) }
}
fn main() {
    fn send<C: Routed>(_: C) -> &'static str { C::Aggregate::CATEGORY }
    send(Pay { order: String::new() });
}
