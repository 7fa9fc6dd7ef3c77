use annals::{Command, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct PlaceOrder { #[id] order: String }
#[derive(Event)]
enum StockEvent { Taken }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[command]
    fn place(&self, _: PlaceOrder) -> Result<StockEvent, std::fmt::Error> { Ok(StockEvent::Taken) }
}

fn main() {}
