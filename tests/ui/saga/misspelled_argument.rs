use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, time_out = "3s")]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
