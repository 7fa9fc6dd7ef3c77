use annals::Command;

#[derive(Command)]
#[command(nam = "pay")]
struct Pay { #[id] order: String }

fn main() {}
