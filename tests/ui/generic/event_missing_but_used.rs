use annals::prelude::*;

#[derive(Event)] enum LedgerEvent<C> { Paid { by: C } }
#[aggregate(id = String, category = "ledger")]
#[derive(Default)] struct Ledger<C>(C);
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&self, by: C) -> Result<LedgerEvent<C>, std::fmt::Error> { Ok(LedgerEvent::Paid { by }) }
}

fn main() {}
