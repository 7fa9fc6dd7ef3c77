use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, timeout)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
