use annals::Command;

#[derive(Command)]
#[command(name = "Pay order")]
struct Pay { #[id] order: String }

fn main() {}
