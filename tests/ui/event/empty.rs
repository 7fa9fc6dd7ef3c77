use annals::Event;

#[derive(Event)]
enum OrderEvent {}

fn main() {}
