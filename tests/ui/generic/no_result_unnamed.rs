use annals::prelude::*;

trait Currency: Default + Send + Sync + 'static { const NAME: &'static str; }
#[derive(Event)] #[event(name = C::NAME)] enum LedgerEvent<C: Currency> { Paid { by: std::marker::PhantomData<C> } }
#[derive(Debug, thiserror::Error)] #[error("no")] struct No;
#[aggregate(id = String, event = LedgerEvent<C>, category = C::NAME)]
#[derive(Default)] struct Ledger<C: Currency>(C);
struct Events<C>(C);
#[aggregate]
impl<C: Currency> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&self) -> Events<C> { todo!() }
}

fn main() {}
