use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga]
impl Checkout {
    #[cfg(all())]
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { None }
    #[cfg(not(any()))]
    #[start]
    fn begin_otherwise(_: &OrderEvent) -> Option<Self> { None }
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}
fn main() {}
