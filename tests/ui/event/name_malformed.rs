use annals::Event;

#[derive(Event)]
enum OrderEvent {
    #[event(name = "Placed!")]
    Placed,
    #[event(alias = "order placed")]
    Set,
}

fn main() {}
