use annals::prelude::*;

struct Place { order: String }
#[derive(Event)]
enum OrderEvent { Placed }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

async fn order(app: App) { app.send_to::<Order, _>(Place { order: "A".into() }).await.unwrap(); }

fn main() {}
