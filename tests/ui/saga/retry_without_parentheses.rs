use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, retry = 5)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
