use annals::Event;

#[derive(Event)]
struct OrderPlaced { total: u64 }

fn main() {}
