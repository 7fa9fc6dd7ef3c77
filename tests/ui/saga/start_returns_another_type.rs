use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga]
impl Checkout {
    #[start]
    fn begin(_: &OrderEvent) -> Self { Self }
    #[step(pivot)]
    async fn charge(&self) -> Result<u64, StepError<String>> { Ok(1) }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
