use annals::Event;

fn first(body: String) -> String {
    body
}

#[derive(Event)]
enum OrderEvent {
    #[event(version = 2, upcast = [first])]
    Placed,
}

fn main() {}
