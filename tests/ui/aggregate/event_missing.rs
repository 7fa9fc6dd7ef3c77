use annals::aggregate;

#[aggregate(id = String)]
#[derive(Default)]
struct Order;

fn main() {}
