use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate(parts(#[cfg(any())] shipping))]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

#[aggregate(part = shipping)]
impl Order {}
fn main() {}
