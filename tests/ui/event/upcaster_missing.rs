use annals::Event;

#[derive(Event)]
enum OrderEvent {
    #[event(version = 2)]
    Placed,
}

fn main() {}
