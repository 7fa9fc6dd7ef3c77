use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual, name = "check-out")]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
