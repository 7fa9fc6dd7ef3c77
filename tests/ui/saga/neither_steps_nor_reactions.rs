use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    fn total(&self) -> u64 { 1 }
}

fn main() {}
