use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(nothing_to_undo, name = "ship")]
    fn pack(&self) -> u64 { 1 }
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
