use annals::Command;

#[derive(serde::Serialize, serde::Deserialize)]
struct Plain;

#[derive(Command)]
struct Pay { #[id] order: String, plain: Plain }

fn main() {}
