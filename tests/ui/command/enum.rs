use annals::Command;

#[derive(Command)]
enum Pay { Cash, Card }

fn main() {}
