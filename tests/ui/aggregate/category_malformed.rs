use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent, category = "Order")]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

fn main() {}
