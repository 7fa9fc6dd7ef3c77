use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Changes;

#[projection(nmae = "changes")]
impl Changes {
    #[cfg(all())]
    #[on]
    fn order(&mut self, _: &OrderEvent) {}
}
fn main() {}
