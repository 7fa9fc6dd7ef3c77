use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Changes(u64);

#[projection]
impl Changes {
    #[cfg_attr(any(), on)]
    fn order(&mut self, _: &OrderEvent) { self.0 += 1; }
}
fn main() {}
