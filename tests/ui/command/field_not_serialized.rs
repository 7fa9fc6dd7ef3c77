use annals::Command;

#[derive(Clone)]
struct Plain;

#[derive(Command)]
struct Pay { #[id] order: String, plain: Plain }

fn main() {}
