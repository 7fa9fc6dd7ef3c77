use annals::{Event, aggregate, projection};

#[derive(Event)]
enum OrderEvent { #[event(version = 2)] Paid }
#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order;
#[aggregate]
impl Order {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;
#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}
fn main() { let _ = OrderEvent::Paid.encode(); }
