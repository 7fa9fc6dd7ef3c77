use annals::prelude::*;

trait Currency { type Amount: Default; }
#[derive(Event)] enum LedgerEvent<C: Currency> { Paid { amount: C::Amount } }
#[aggregate(id = String, event = LedgerEvent<C>, category = "ledger")]
#[derive(Default)] struct Ledger<C: Currency>(C::Amount);
#[aggregate]
impl<C: Currency> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&self, amount: C::Amount) -> Result<LedgerEvent<C>, std::fmt::Error> { Ok(LedgerEvent::Paid { amount }) }
}

#[derive(Default)] struct Usd;
#[derive(Clone, Default)] struct Cents(u64);
impl Currency for Usd { type Amount = Cents; }
fn used(app: annals::AppBuilder) { let _ = app.aggregate::<Ledger<Usd>>(); }
fn main() {}
