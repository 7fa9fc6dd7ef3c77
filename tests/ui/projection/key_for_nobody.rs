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
    fn order_key(_: &OrderEvent) -> String { String::new() }
    #[key]
    fn key(_: &u64) -> String { String::new() }
}

fn main() {}
