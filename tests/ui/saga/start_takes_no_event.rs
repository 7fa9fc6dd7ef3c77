use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga]
impl Checkout {
    #[start]
    fn begin() -> Option<Self> { None }
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
