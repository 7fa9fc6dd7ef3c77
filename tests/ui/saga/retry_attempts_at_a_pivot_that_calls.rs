use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, retry(attempts = 3))]
    async fn charge(&self) -> Result<u64, ()> { Ok(1) }
}

fn main() {}
