use annals::prelude::*;

struct LedgerEvent<C>(C);
#[aggregate(id = String, event = LedgerEvent<C>, category = "ledger")]
#[derive(Default)] struct Ledger<C>(C);
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&self) -> Result<LedgerEvent<C>, std::fmt::Error> { todo!() }
}

fn main() {}
