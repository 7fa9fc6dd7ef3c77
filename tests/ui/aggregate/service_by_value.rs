use annals::{Command, Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Command)]
struct PlaceOrder { #[id] order: String }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[prepare]
    async fn price(_: &PlaceOrder, _: u64) -> Result<u64, std::fmt::Error> { Ok(1) }
    #[command]
    fn place(&self, _: PlaceOrder, _: &u64) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}

fn main() {}
