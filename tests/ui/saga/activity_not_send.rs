use annals::prelude::*;
use annals::saga::StepError;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    async fn charge(&self) -> Result<u64, StepError<String>> {
        let one = std::rc::Rc::new(1);
        std::future::ready(()).await;
        Ok(*one)
    }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
