use annals::{Event, on};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
