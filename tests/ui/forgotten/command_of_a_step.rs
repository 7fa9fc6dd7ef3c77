use annals::prelude::*;

struct Place { order: String }
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[saga(manual)]
impl Checkout {
    #[step(nothing_to_undo)]
    fn place(&self) -> Place { Place { order: String::new() } }
}
fn main() { let _ = Checkout::definition(); }
