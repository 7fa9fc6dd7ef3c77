use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(pivot)]
    fn ship(&self) -> Vec<impl Clone> { vec![1] }
}

fn main() {}
