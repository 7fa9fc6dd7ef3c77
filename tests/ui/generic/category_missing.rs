use annals::{Event, aggregate};

#[derive(Event)]
enum LedgerEvent { Paid }

#[aggregate(id = String, event = LedgerEvent)]
#[derive(Default)]
struct Ledger<C>(C);

#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent) {}
}

fn main() {}
