use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step]
    async fn charge(&self) -> Result<u64, StepError<String>> { Ok(1) }
    #[undo(charge)]
    fn refund(&self) -> Option<u64> { None }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
