use annals::aggregate;

enum OrderEvent { Placed }

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;

fn main() {}
