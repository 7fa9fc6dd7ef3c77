use annals::Event;

#[derive(Event)]
enum OrderEvent {
    #[event(version = 0)]
    Placed,
}

fn main() {}
