//! Seats in a theatre: `cargo run --example quickstart`.
use annals::prelude::*;

#[derive(Event)]
enum SeatEvent {
    Taken { by: String },
}

#[derive(Command)]
struct Take {
    #[id]
    seat: u32,
    by: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} sits there")]
struct NotFree(String);

#[aggregate(id = u32, event = SeatEvent)]
#[derive(Default)]
struct Seat(Option<String>);

#[aggregate]
impl Seat {
    #[command]
    fn take(&self, command: Take) -> Result<SeatEvent, NotFree> {
        match &self.0 {
            Some(by) => Err(NotFree(by.clone())),
            None => Ok(SeatEvent::Taken { by: command.by }),
        }
    }

    #[event]
    fn evolve(&mut self, event: &SeatEvent) {
        let SeatEvent::Taken { by } = event;
        self.0 = Some(by.clone());
    }
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Audience(u64);

#[projection]
impl Audience {
    #[on]
    fn seat(&mut self, _event: &SeatEvent) {
        self.0 += 1;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new(annals::connect("memory:").await?).aggregate::<Seat>().projection::<Audience>().start().await?;
    let receipt = app.send(Take { seat: 7, by: "Ann".into() }).await?;
    let refused = app.send(Take { seat: 7, by: "Bob".into() }).await;
    let audience = app.view::<Audience>()?.at_least(&receipt).await?.single().await?;
    println!("{} seat is taken; {}", audience.0, refused.unwrap_err());
    Ok(())
}
