use annals::Event;

#[derive(Event)]
#[event(name = "Order")]
enum OrderEvent {
    Placed,
    Paid,
}

fn main() {}
