use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
    #[key]
    fn key(_: &OrderEvent, key: &str) -> String { key.to_owned() }
}

fn main() {}
