use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[failure]
    fn failed(&mut self) {}
}

fn main() {}
