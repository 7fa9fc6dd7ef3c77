use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual, deadline = "30min")]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
