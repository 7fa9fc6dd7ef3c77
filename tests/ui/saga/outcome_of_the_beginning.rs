use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Placed }

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga]
impl Checkout {
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { None }
    #[outcome(begin)]
    fn begun(&mut self, _: u64) {}
    #[undo(begin)]
    fn cancel(&self) -> u64 { 1 }
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
