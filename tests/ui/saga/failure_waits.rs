use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[failure]
    async fn failed(&mut self, _: &annals::saga::Failure) {}
}

fn main() {}
