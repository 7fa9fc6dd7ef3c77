use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)]
enum AccountEvent { Changed }
#[aggregate(id = String, event = AccountEvent)]
#[derive(Default)]
struct Account;
#[aggregate]
impl Account {
    #[event]
    fn evolve(&mut self, _: &AccountEvent) {}
    #[command(pub(crate) Deposit)]
    fn deposit(&self, _amount: u64, _rates: &Rates) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
}
struct Rates;

fn main() { let _ = Deposit { id: String::new(), amount: 1 }; }
