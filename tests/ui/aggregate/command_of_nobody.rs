use annals::{Aggregate, Command, CommandOf, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct ShipOrder { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;

struct Repository<A>(A);
impl<A: Aggregate> Repository<A> {
    fn execute<C: CommandOf<A>>(&self, _: C) {}
}

fn main() {
    Repository(Order).execute(ShipOrder { order: String::new() });
}
