use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default)]
struct Revenue;

#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
