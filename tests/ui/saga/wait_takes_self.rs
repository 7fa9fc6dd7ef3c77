use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait]
    fn paid(&self, _: &OrderEvent) -> Option<Result<(), String>> { None }
}

fn main() {}
