use annals::setup;
use annals::sqlite::{Error, Transaction};

struct Sales;

impl Sales {
    #[setup]
    fn tables(_: &Transaction<'_>) -> Result<(), Error> { Ok(()) }
}

fn main() {}
