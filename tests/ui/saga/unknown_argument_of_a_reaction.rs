use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[on(OrderEvent)]
    fn order(&mut self, _: &OrderEvent) {}
    #[rejected(Ship)]
    fn refused(&mut self, _: &u64, _: &u64) {}
}

fn main() {}
