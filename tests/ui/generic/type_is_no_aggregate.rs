use annals::prelude::*;

#[derive(Event)] enum LedgerEvent<C> { Paid { by: C } }
#[derive(Debug, thiserror::Error)] #[error("no")] struct No;
#[derive(Default)] struct Ledger<C>(C);
#[derive(Command)] struct Pay<C> { #[id] id: String, by: C }
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command]
    fn pay(&self, _: Pay<C>) -> Result<LedgerEvent<C>, No> { Err(No) }
}

fn main() {}
