use annals::Command;

#[derive(Command)]
struct Pay { #[id] order: String, #[id] payment: String }

fn main() {}
