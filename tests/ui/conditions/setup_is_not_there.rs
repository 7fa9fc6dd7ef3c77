use annals::sqlite::{Error, Transaction};
use annals::prelude::*;

#[derive(Event)]
enum OrderEvent { Changed }
struct Changes;

#[projection(sqlite)]
impl Changes {
    #[cfg(any())]
    #[setup]
    fn tables(_: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
    #[on]
    fn order(&self, _: &OrderEvent, _: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
}
fn main() {}
