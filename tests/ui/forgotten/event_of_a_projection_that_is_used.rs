use annals::prelude::*;

enum OrderEvent { Placed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Orders { count: u64 }
#[projection]
impl Orders {
    #[on]
    fn order(&mut self, _: &OrderEvent) { self.count += 1; }
    #[key]
    fn order_of(_: &OrderEvent) -> String { String::new() }
}
fn app(app: annals::AppBuilder) -> annals::AppBuilder { app.projection::<Orders>() }
fn main() {}
