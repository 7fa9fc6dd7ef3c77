use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate(id = String)]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

fn main() {}
