use annals::{Event, aggregate};

#[derive(Event)]
enum LedgerEvent { Paid }

#[aggregate(id = String, event = LedgerEvent)]
#[derive(Default)]
struct Ledger<'a>(&'a str);

#[aggregate]
impl<'a> Ledger<'a> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent) {}
}

fn main() {}
