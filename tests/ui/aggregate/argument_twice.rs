use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent, id = u64)]
#[derive(Default)]
struct Order;

fn main() {}
