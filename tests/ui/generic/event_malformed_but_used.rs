use annals::prelude::*;

#[derive(Event)] enum LedgerEvent<C> { Paid(String, C) }
#[aggregate(id = String, event = LedgerEvent<C>, category = "ledger")]
#[derive(Default)] struct Ledger<C>(C);
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command(Pay)]
    fn pay(&self, by: C) -> Result<LedgerEvent<C>, std::fmt::Error> { Ok(LedgerEvent::Paid(String::new(), by)) }
}

fn used(app: annals::AppBuilder) { let _ = app.aggregate::<Ledger<String>>(); }
fn main() {}
