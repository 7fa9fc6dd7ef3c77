use annals::Command;

#[derive(Command)]
struct Pay;

fn main() {}
