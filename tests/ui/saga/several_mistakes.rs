use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(versoin = 2)]
impl Checkout {
    #[step(timeout = "soon")]
    fn reserve(&mut self) -> u64 { 1 }
    #[undo(reserv)]
    async fn release(&self) {}
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
