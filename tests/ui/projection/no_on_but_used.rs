use annals::{Projection, projection};

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Revenue;

#[projection]
impl Revenue {}

fn main() {
    fn add<P: Projection>(_: P) -> &'static str { P::NAME }
    add(Revenue);
}
