use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait(retry(attempts = 2))]
    fn paid(_: &OrderEvent) -> Option<Result<(), String>> { None }
}

fn main() {}
