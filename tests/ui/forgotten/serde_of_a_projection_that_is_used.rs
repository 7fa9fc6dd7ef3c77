use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Placed }
#[derive(Default)]
struct Orders { count: u64 }
#[projection]
impl Orders {
    #[on]
    fn order(&mut self, _: &OrderEvent) { self.count += 1; }
}
fn app(app: annals::AppBuilder) -> annals::AppBuilder { app.projection::<Orders>() }
fn main() {}
