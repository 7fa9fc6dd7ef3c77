use annals::Command;

#[derive(Command)]
struct Pay { #[id(order)] order: String }

fn main() {}
