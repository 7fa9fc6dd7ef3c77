use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[step(retry(attempts = 3))]
    fn complete(&self) -> u64 { 1 }
}

fn main() {}
