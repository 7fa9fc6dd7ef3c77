use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga]
impl Checkout {
    #[start]
    fn begin(_: OrderEvent) -> Option<Self> { None }
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
