use annals::Event;

#[derive(Event)]
enum OrderEvent {
    #[event(name)]
    Placed,
}

fn main() {}
