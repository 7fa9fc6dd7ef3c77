use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self, _: annals::saga::Call<Self>) -> Result<u64, ()> { Ok(1) }
}

fn main() {}
