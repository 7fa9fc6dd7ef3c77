use annals::sqlite::{Error, Transaction};
use annals::{Event, projection};

#[derive(Event)]
enum OrderEvent { Placed }
struct Sales;

#[projection(sqlite)]
impl Sales {
    #[setup]
    fn tables(_: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
    #[on]
    fn order(&self, _: &OrderEvent, _: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
    #[key]
    fn key(_: &OrderEvent) -> String { String::new() }
}

fn main() {}
