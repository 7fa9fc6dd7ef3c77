use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed, Paid }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::Placed => {}
        }
    }
}

fn main() {}
