use annals::{Event, aggregate};

#[derive(Event)]
enum OrderEvent { Placed }

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default)]
struct Order<T: Default + Send + Sync + 'static>(T);

#[aggregate]
impl<T: Default + Send + Sync + 'static> Order<T> {
    #[event]
    fn evolve(&mut self, _: &OrderEvent) {}
}

fn main() {}
