use annals::Event;

#[derive(Event)]
enum OrderEvent<'a> { Placed { customer: &'a str } }

fn main() {}
