use annals::prelude::*;

#[derive(Event)] enum LedgerEvent<C> { Paid { by: C } }
#[derive(Command)] struct Pay<C> { ledger: String, by: C }
#[aggregate(id = String, event = LedgerEvent<C>, category = "ledger")]
#[derive(Default)] struct Ledger<C>(C);
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent<C>) {}
    #[command]
    fn pay(&self, command: Pay<C>) -> Result<LedgerEvent<C>, std::fmt::Error> { Ok(LedgerEvent::Paid { by: command.by }) }
}

fn used(app: annals::AppBuilder) { let _ = app.aggregate::<Ledger<String>>(); }
fn main() {}
