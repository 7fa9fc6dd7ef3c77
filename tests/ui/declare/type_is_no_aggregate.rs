use annals::prelude::*;
use std::convert::Infallible as Never;

#[derive(Event)]
enum AccountEvent { Changed }
#[derive(Default)]
struct Account;
#[aggregate]
impl Account {
    #[event]
    fn evolve(&mut self, _: &AccountEvent) {}
    #[command(Deposit, derive(Debug, Clone))]
    fn deposit(&self, _amount: u64) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
    #[command(Close)]
    fn close(&self) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
}

fn main() { let _ = (Deposit { id: String::new(), amount: 1 }.id.len(), Close { id: 1 }); }
