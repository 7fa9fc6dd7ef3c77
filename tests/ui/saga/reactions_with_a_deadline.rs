use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual, deadline = "2h")]
impl Checkout {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}

fn main() {}
