use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[outcome(ship)]
    fn shipped(&mut self, _: u64) {}
}

fn main() {}
