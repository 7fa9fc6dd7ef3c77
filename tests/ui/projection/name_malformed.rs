use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection(name = "my-revenue", version = 0)]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
