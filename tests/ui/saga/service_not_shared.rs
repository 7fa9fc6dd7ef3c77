use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self, _: &std::cell::Cell<u64>) -> Result<u64, StepError<String>> { Ok(1) }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
