use annals::Event;

#[derive(Event)]
enum OrderEvent {
    Placed,
    #[event(alias = "order.placed")]
    Set,
}

fn main() {}
