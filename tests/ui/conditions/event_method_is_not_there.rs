use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[cfg(any())]
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}
fn main() {}
