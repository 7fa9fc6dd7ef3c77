use annals::prelude::*;

#[derive(Event)] enum LedgerEvent { Paid }
#[aggregate(id = String, event = LedgerEvent, category = "ledger")]
#[derive(Default)] struct Ledger<C>(std::marker::PhantomData<C>);
#[aggregate]
impl<C> Ledger<C> {
    #[event]
    fn evolve(&mut self, _: &LedgerEvent) {}
}

struct Usd;
fn used(app: annals::AppBuilder) { let _ = app.aggregate::<Ledger<Usd>>(); }
fn main() {}
