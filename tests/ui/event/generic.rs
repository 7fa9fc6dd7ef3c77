use annals::Event;

#[derive(Event)]
enum OrderEvent<T> { Placed { total: T } }

fn main() {}
