use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot, retry(initial = "1m", longest = "30s"))]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
