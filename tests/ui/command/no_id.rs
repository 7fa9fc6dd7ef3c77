use annals::Command;

#[derive(Command)]
struct Pay { order: String }

fn main() {}
