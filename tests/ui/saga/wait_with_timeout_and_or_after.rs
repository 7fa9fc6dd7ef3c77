use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait(timeout = "3d", or_after = "14d")]
    fn paid(_: &OrderEvent) -> Option<Result<(), String>> { None }
}

fn main() {}
