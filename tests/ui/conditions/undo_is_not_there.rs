use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(Command)]
struct Place { #[id] order: String }
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[saga(manual)]
impl Checkout {
    #[step]
    fn place(&self) -> Option<Place> { None }
    #[cfg(any())]
    #[undo(place)]
    fn cancel(&self) -> Option<Place> { None }
}
fn main() {}
