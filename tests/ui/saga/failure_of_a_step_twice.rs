use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[failure(ship)]
    fn failed(&mut self, _: &annals::saga::Failure) {}
    #[failure(ship)]
    fn broken(&mut self, _: &annals::saga::Failure) {}
}

fn main() {}
