use annals::Event;

struct Plain;

#[derive(Event)]
enum OrderEvent {
    Placed { #[tag] lines: Vec<u8> },
}

fn main() {}
