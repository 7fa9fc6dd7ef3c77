use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step]
    fn reserve(&self) -> u64 { 1 }
    #[undo(reserve)]
    fn release(&mut self) -> u64 { 1 }
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
