use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }

#[aggregate(id = String, event = OrderEvent)]
struct Order;

fn main() {}
