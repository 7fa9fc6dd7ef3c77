use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(nothing_to_undo)]
    fn reserve(&self) -> u64 { 1 }
    #[undo(reserve)]
    fn release(&self) -> u64 { 1 }
}

fn main() {}
