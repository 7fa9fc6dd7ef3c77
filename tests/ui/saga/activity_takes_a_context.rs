use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self, _: &EventContext<'_>) -> Result<u64, ()> { Ok(1) }
}

fn main() {}
