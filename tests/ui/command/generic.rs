use annals::Command;

#[derive(Command)]
struct Pay<T> { #[id] order: String, amount: T }

fn main() {}
