use annals::aggregate;

struct Order;

#[aggregate]
impl Drop for Order {
    fn drop(&mut self) {}
}

fn main() {}
