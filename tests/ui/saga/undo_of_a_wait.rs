use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait]
    fn paid(_: &OrderEvent) -> Option<Result<(), String>> { None }
    #[undo(paid)]
    fn pay_back(&self) -> u64 { 1 }
}

fn main() {}
