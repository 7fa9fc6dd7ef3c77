use annals::Event;

const NAME: &str = "Order";

#[derive(Event)]
#[event(name = NAME)]
enum OrderEvent { Placed, Paid }

fn main() { let _ = OrderEvent::KINDS; }
