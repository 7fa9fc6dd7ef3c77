use annals::prelude::*;

#[saga]
fn checkout() {}

fn main() {}
