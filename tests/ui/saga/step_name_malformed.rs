use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, name = "Ship it")]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
