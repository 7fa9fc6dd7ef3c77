use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }
struct Payment;

#[saga(manual)]
impl Checkout {
    #[wait]
    fn paid(_: &OrderEvent) -> Option<Result<Payment, String>> { None }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
