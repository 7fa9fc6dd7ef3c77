use annals::Event;

#[derive(Event)]
#[serde(bound = "T Clone")]
enum OrderEvent<T> {
    Placed { #[serde(bound(deserialize = "Deserialize<'de>"))] total: T },
}

fn main() {}
