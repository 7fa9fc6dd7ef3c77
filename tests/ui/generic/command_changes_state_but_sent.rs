use annals::prelude::*;

trait Currency: Default + Send + Sync + 'static { const NAME: &'static str; }
#[derive(Event)] #[event(name = C::NAME)] enum LedgerEvent<C: Currency> { Paid { by: std::marker::PhantomData<C> } }
#[derive(Debug, thiserror::Error)] #[error("no")] struct No;
#[aggregate(id = String, event = LedgerEvent<C>, category = C::NAME)]
#[derive(Default)] struct Ledger<C: Currency>(C);
#[aggregate]
impl<C: Currency> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&mut self) -> Result<LedgerEvent<C>, No> { Err(No) }
}

async fn used<C: Currency>(app: App) { let _ = app.send_to::<Ledger<C>, _>(Pay::<C>::new(String::new())).await; }
fn main() {}
