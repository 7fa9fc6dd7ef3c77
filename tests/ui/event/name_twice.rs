use annals::Event;

#[derive(Event)]
enum OrderEvent {
    Placed,
    #[event(name = "placed")]
    Set,
}

fn main() {}
