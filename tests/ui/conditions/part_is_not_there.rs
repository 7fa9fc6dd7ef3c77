use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate(parts(shipping))]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

#[cfg(any())]
#[aggregate(part = shipping)]
impl Order {}
fn main() {}
