use annals::prelude::*;

enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[command(Place)]
    fn place(&self) -> Result<OrderEvent, std::fmt::Error> { Ok(OrderEvent::Placed) }
    #[command(Cancel)]
    fn cancel(&self) -> Result<Option<OrderEvent>, std::fmt::Error> { Ok(None) }
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}
async fn order(app: App) { app.send(Place { id: "A".into() }).await.unwrap(); }
fn main() {}
