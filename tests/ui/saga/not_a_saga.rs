#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
