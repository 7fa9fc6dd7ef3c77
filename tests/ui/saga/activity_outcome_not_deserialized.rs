use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(serde::Serialize)]
struct Payment;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self) -> Result<Payment, StepError<String>> { Ok(Payment) }
    #[outcome(charge)]
    fn charged(&mut self, _: Payment) {}
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
