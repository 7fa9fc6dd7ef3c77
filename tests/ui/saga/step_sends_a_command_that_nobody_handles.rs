use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Command)]
struct Ship { #[id] order: String }

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> Ship { Ship { order: String::new() } }
}

fn wire(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Checkout>() }
fn main() {}
