use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self, _: u64) -> Result<u64, ()> { Ok(1) }
}

fn main() {}
