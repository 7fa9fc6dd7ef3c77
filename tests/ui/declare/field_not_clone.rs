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
    fn deposit(&self, _amount: Amount) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
}
#[derive(serde::Serialize, serde::Deserialize)] struct Amount;

fn main() {}
