use annals::{Event, aggregate};

const CATEGORY: &str = "The Ledger";
#[derive(Event)]
enum LedgerEvent { Paid }
#[aggregate(id = String, event = LedgerEvent, category = CATEGORY)]
#[derive(Default)]
struct Ledger;
#[aggregate]
impl Ledger {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent) {}
}

fn main() {}
