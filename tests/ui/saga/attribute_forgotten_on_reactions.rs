use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

impl Checkout {
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { None }
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
