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
    async fn price(_: &PlaceOrder) -> Result<u64, std::fmt::Error> { let one = std::rc::Rc::new(1); std::future::ready(()).await; Ok(*one) }
    #[command]
    fn place(&self, _: PlaceOrder, _: &u64) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
}

fn main() {}
