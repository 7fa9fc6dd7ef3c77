use annals::prelude::*;

#[derive(Event)]
enum StockEvent { Taken }
enum OrderEvent { Placed }
#[derive(serde::Serialize, serde::Deserialize)]
struct Clerk;
#[saga]
impl Clerk {
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { Some(Self) }
    #[on]
    fn stock(&mut self, _: &StockEvent) {}
}
fn main() { let _ = Clerk::definition(); }
