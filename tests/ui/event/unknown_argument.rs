use annals::Event;

#[derive(Event)]
#[event(category = "order")]
enum OrderEvent {
    #[event(vers = 2)]
    Placed { #[tag(name = "x")] customer: String },
}

fn main() {}
