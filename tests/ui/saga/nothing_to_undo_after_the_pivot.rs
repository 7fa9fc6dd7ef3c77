use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[step(nothing_to_undo)]
    fn complete(&self) -> u64 { 1 }
}

fn main() {}
