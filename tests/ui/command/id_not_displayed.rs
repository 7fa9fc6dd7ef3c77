use annals::Command;

struct Plain;

#[derive(Command)]
struct Pay { #[id] order: Vec<u8> }

fn main() {}
