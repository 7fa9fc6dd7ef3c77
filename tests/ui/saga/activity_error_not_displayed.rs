use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
struct Declined;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self) -> Result<u64, StepError<Declined>> { Err(Declined)? }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
