use annals::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Checkout;

#[saga(manual)]
impl Checkout {
    #[step(nothing_to_undo)]
    async fn charge(&self) -> Result<(), StepError<std::fmt::Error>> { Ok(()) }
    #[step(pivot)]
    async fn ship(&self) -> Result<(), StepError<std::fmt::Error>> { Ok(()) }
    #[rejected(ship)]
    fn not_shipped(&mut self, _: &Failure) {}
}

fn main() {}
