use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
    #[rejected]
    fn refused(&mut self, _: &u64, _: &u64) {}
    #[rejected]
    fn again(&mut self, _: &u64, _: &u64) {}
}

fn main() {}
