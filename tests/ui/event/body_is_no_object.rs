use annals::Event;

#[derive(Event)]
enum OrderEvent { Renamed(String) }

fn main() {}
