use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Clone for Checkout {
    #[step]
    fn clone(&self) -> Self { Self }
}

fn main() {}
