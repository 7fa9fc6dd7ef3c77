use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait]
    fn paid(_: &OrderEvent) -> Option<Result<(), String>> { None }
    #[key]
    fn key(_: &OrderEvent) -> u64 { 1 }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
