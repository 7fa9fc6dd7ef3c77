use annals::Event;

fn first(body: annals::Json) -> Result<annals::Json, annals::UpcastError> {
    Ok(body)
}

#[derive(Event)]
enum OrderEvent {
    #[event(upcast = [first])]
    Placed,
}

fn main() {}
