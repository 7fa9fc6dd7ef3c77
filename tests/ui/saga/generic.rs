use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout<T>(T);

#[saga(manual)]
impl<T> Checkout<T> {
    #[step(pivot)]
    fn ship(&self) -> u64 { 1 }
}

fn main() {}
