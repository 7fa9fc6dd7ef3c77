use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;
#[derive(Event)]
enum OrderEvent { Placed }

#[saga]
impl Checkout {
    #[start]
    fn begin(_: &OrderEvent) -> Option<Self> { Some(Self) }
    #[undo(begin)]
    async fn cancel(&self) -> Result<(), StepError<std::fmt::Error>> { Ok(()) }
    #[step(pivot)]
    async fn ship(&self) -> Result<(), StepError<std::fmt::Error>> { Ok(()) }
    #[rejected(begin)]
    fn not_begun(&mut self, _: &Failure) {}
}

fn main() {}
