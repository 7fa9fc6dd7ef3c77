use annals::{projection};

enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
