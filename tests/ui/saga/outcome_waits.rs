use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self) -> Result<u64, ()> { Ok(1) }
    #[outcome(charge)]
    async fn charged(&mut self, _: u64) {}
}

fn main() {}
