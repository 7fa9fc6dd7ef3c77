use annals::sqlite::{Error, Transaction};
use annals::projection;

struct Plain;
struct Sales;

#[projection(sqlite)]
impl Sales {
    #[setup]
    fn tables(_: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
    #[on]
    fn order(&self, _: &Plain, _: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
}

fn main() {}
