use annals::Event;

struct Plain;

#[derive(Event)]
enum OrderEvent {
    Placed { plain: Plain },
}

fn main() {}
