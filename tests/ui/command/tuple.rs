use annals::Command;

#[derive(Command)]
struct Pay(#[id] String);

fn main() {}
