use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga(manual)]
impl Checkout {
    #[wait(or_after = "14d")]
    fn paid(_: &OrderEvent) -> Option<Result<u64, String>> { None }
    #[outcome(paid)]
    fn noted(&mut self, _: u64) {}
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
