use annals::{Routed, Command};

#[derive(Command)]
struct ShipOrder { #[id] order: String }

fn send<C: Routed>(_: C) {}

fn main() {
    send(ShipOrder { order: String::new() });
}
