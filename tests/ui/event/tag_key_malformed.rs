use annals::Event;

#[derive(Event)]
enum OrderEvent {
    Placed { #[tag(key = "Customer")] customer: String, #[tag] _code: String },
}

fn main() {}
