use annals::prelude::*;

enum OrderEvent { Placed }
#[derive(serde::Serialize, serde::Deserialize)]
struct Clerk;
#[saga(manual)]
impl Clerk {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
    #[key]
    fn order_of(_: &OrderEvent) -> String { String::new() }
}
fn main() { let _ = Clerk::definition(); }
