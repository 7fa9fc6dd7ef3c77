use annals::prelude::*;

#[derive(Event)] enum OrderEvent { Placed }
#[derive(Debug, thiserror::Error)] #[error("no")] struct No;
#[aggregate(id = String)]
#[derive(Default)] struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
    #[command(Place)]
    fn place(&self, _total: u64) -> Result<OrderEvent, No> { Ok(OrderEvent::Placed) }
}

async fn used(app: App, builder: annals::AppBuilder) {
    if let Err(SendError::Rejected(No)) = app.send(Place { id: "A".into(), total: 1 }).await {}
    let _ = app.load::<Order>(&"A".to_owned()).await.map(|order| order.version);
    let _ = builder.aggregate::<Order>();
}
fn main() {}
