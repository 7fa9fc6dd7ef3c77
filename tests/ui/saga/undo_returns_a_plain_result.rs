use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step]
    async fn charge(&self, _: &u8) -> Result<u64, StepError<String>> { Ok(1) }
    #[undo(charge)]
    async fn refund(&self, _: &u8) -> Result<(), String> { Ok(()) }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
