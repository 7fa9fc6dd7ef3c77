// The domain that the examples in the documentation of this crate use.
use std::convert::Infallible;

use annals::prelude::*;

#[derive(annals::Event)]
enum AccountEvent {
    Deposited { amount: u64 },
}

#[derive(annals::Command)]
struct Deposit {
    #[id]
    account: String,
    amount: u64,
}

#[annals::aggregate(id = String, event = AccountEvent)]
#[derive(Default)]
struct Account {
    balance: u64,
}

#[annals::aggregate]
impl Account {
    #[command]
    fn deposit(&self, command: Deposit) -> Result<AccountEvent, Infallible> {
        Ok(AccountEvent::Deposited { amount: command.amount })
    }

    #[event]
    fn evolve(&mut self, event: &AccountEvent) {
        let AccountEvent::Deposited { amount } = event;
        self.balance += amount;
    }
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Totals {
    deposited: u64,
}

#[annals::projection]
impl Totals {
    #[on]
    fn account(&mut self, event: &AccountEvent) {
        let AccountEvent::Deposited { amount } = event;
        self.deposited += amount;
    }
}

#[allow(dead_code, reason = "an example may not need it")]
async fn bank() -> Result<App, Box<dyn std::error::Error>> {
    let store = annals::connect("memory:").await?;
    Ok(App::new(store).aggregate::<Account>().projection::<Totals>().start().await?)
}

#[allow(dead_code, reason = "an example may not need it")]
fn deposit(account: &str, amount: u64) -> Deposit {
    Deposit { account: account.to_owned(), amount }
}
