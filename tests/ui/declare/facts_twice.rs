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
    #[command(Deposit)]
    fn deposit(&self, _amount: u64, _: &u64, _: &u64) -> Result<AccountEvent, Never> { Ok(AccountEvent::Changed) }
    #[prepare]
    async fn price(_: &Deposit) -> Result<u64, Never> { Ok(1) }
}

fn main() { let _ = Deposit { id: String::new(), amount: 1 }; }
