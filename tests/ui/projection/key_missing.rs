use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Event)]
enum StockEvent { Taken }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
    #[on]
    fn stock(&mut self, _: &StockEvent) {}
    #[key]
    fn key(_: &OrderEvent) -> String { String::new() }
}

fn main() {}
