use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(Command)]
struct Place { #[id] order: String }
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[saga(manual)]
impl Checkout {
    #[cfg(all())]
    #[step]
    fn place(&self) -> Option<Place> { None }
    #[undo(plaice)]
    fn cancel(&self) -> Option<Place> { None }
}
fn main() {}
