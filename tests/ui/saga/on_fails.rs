use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[on]
    fn order(&mut self, _: &OrderEvent) -> Result<(), String> { Ok(()) }
}

fn main() {}
