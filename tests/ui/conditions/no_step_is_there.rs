use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga]
impl Checkout {
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { None }
    #[cfg(any())]
    #[step]
    fn reserve(&self) -> Vec<Nothing> { Vec::new() }
}
fn main() { let _ = Checkout::definition(); }
