use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
    #[wait(timeout = "3d")]
    fn paid(_: &OrderEvent) -> Option<Result<(), String>> { None }
}

fn main() {}
