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
    #[command]
    fn deposit(&self, #[serde(default)] _: Deposit) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
}
#[derive(Command)] struct Deposit { #[id] id: String }

fn main() {}
