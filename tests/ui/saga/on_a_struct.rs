use annals::prelude::*;

#[saga(deadline = "2h")]
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Checkout;

fn main() {}
