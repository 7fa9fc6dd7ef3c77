use annals::aggregate;

#[aggregate]
fn order() {}

fn main() {}
