use annals::Command;

#[derive(Command)]
struct Pay<'a> { #[id] order: &'a str, amount: u64 }

fn main() {}
