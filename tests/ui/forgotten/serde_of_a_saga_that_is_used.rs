use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Placed }
struct Clerk;
#[saga(manual)]
impl Clerk {
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}
fn app(app: annals::AppBuilder) -> annals::AppBuilder { app.saga::<Clerk>() }
fn main() {}
