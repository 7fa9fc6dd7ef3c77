use annals::Event;

#[derive(Event)]
#[serde(rename_all_fields "camelCase")]
enum OrderEvent {
    #[serde(rename_all =)]
    Placed { #[serde(default = )] total: u64 },
}

fn main() {}
