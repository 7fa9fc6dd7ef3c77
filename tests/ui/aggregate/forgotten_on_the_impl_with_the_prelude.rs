use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Placed }

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;

impl Order {
    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        match event { OrderEvent::Placed => {} }
    }
}

fn main() {}
