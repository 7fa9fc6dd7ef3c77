use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection(per_stream)]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
    #[key]
    fn key(_: &OrderEvent) -> String { String::new() }
}

fn main() {}
