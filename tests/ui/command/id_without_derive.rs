use annals::*;

struct Pay { #[id] order: String }

fn main() {}
