//! Events, commands and the methods of an aggregate.

use annals::Payload;
use annals::prelude::*;

macro_rules! account {
    ($module:ident, $there:meta) => {
        mod $module {
            use std::convert::Infallible;

            use annals::prelude::*;

            #[derive(Event, Debug, PartialEq)]
            pub(super) enum AccountEvent {
                Deposited {
                    amount: u64,
                    #[cfg($there)]
                    note: String,
                },
                #[cfg($there)]
                Closed,
            }

            #[derive(Command)]
            pub(super) struct Deposit {
                #[id]
                pub(super) account: String,
                pub(super) amount: u64,
                #[cfg($there)]
                #[serde(default)]
                pub(super) note: String,
            }

            #[cfg($there)]
            #[derive(Command)]
            pub(super) struct Close {
                #[id]
                pub(super) account: String,
            }

            #[cfg($there)]
            pub(super) struct Rate(pub(super) u64);

            #[aggregate(id = String, event = AccountEvent)]
            #[derive(Debug, Default)]
            pub(super) struct Account {
                pub(super) balance: u64,
                #[cfg($there)]
                pub(super) closed: bool,
            }

            #[aggregate]
            impl Account {
                // One of two.
                #[cfg($there)]
                #[command]
                fn deposit(&self, command: Deposit, rate: &u64) -> Result<AccountEvent, Infallible> {
                    Ok(AccountEvent::Deposited { amount: command.amount * rate, note: command.note })
                }

                #[cfg(not($there))]
                #[command]
                fn deposit(&self, command: &Deposit) -> Result<AccountEvent, Infallible> {
                    Ok(AccountEvent::Deposited { amount: command.amount })
                }

                #[command]
                #[cfg_attr($there, doc = "A condition after the mark.")]
                #[cfg($there)]
                fn close(&self, _: Close) -> Result<AccountEvent, Infallible> {
                    Ok(AccountEvent::Closed)
                }

                #[cfg_attr($there, cfg_attr($there, prepare))]
                #[cfg($there)]
                async fn rate(_: &Deposit, rate: &Rate) -> Result<u64, Infallible> {
                    Ok(rate.0)
                }

                // A command that is declared exists as its method does, and its fields as the parameters do.
                #[command(pub(super) Save, derive(Debug))]
                fn save(
                    &self,
                    amount: u64,
                    #[cfg($there)]
                    #[serde(default)]
                    note: String,
                ) -> Result<AccountEvent, Infallible> {
                    Ok(AccountEvent::Deposited {
                        amount,
                        #[cfg($there)]
                        note,
                    })
                }

                // Without the mark it is a method like others.
                #[cfg_attr($there, serde(deny_unknown_fields))]
                #[cfg_attr($there, command(pub(super) Lose, name = "gone"))]
                pub(super) fn lose(
                    &self,
                    #[cfg_attr($there, serde(default))] by: u64,
                ) -> Result<Option<AccountEvent>, Infallible> {
                    Ok((by > self.balance).then(|| unreachable!("more than there is")))
                }

                #[cfg($there)]
                #[event]
                fn evolve(&mut self, event: &AccountEvent) {
                    match event {
                        AccountEvent::Deposited { amount, .. } => self.balance += amount,
                        AccountEvent::Closed => self.closed = true,
                    }
                }

                #[cfg_attr(not($there), event)]
                pub(super) fn evolve_otherwise(&mut self, event: &AccountEvent) {
                    match event {
                        AccountEvent::Deposited { amount, .. } => self.balance += 100 * amount,
                        #[cfg($there)]
                        AccountEvent::Closed => unreachable!(),
                    }
                }
            }
        }
    };
}

account!(with, all());
account!(without, any());

fn names<A: annals::Behaviour>() -> Vec<&'static str> {
    A::COMMANDS.iter().map(|command| command.name).collect()
}

fn kinds<E: Event>() -> Vec<&'static str> {
    E::KINDS.iter().map(|kind| kind.name).collect()
}

fn ann() -> String {
    "ann".to_owned()
}

#[test]
fn what_does_not_exist_is_not_there() {
    assert_eq!(kinds::<with::AccountEvent>(), ["account.deposited", "account.closed"]);
    assert_eq!(kinds::<without::AccountEvent>(), ["account.deposited"]);
    assert_eq!(names::<with::Account>(), ["deposit", "close", "save", "gone"]);
    assert_eq!(names::<without::Account>(), ["deposit", "save"]);
}

#[tokio::test]
async fn what_exists_is_decided_and_taken_in() -> Result<(), Box<dyn std::error::Error>> {
    use with::{Account, Close, Deposit, Lose, Rate, Save};

    let app = App::new(annals::connect("memory:").await?).aggregate::<Account>().service(Rate(3)).start().await?;
    app.send(Deposit { account: ann(), amount: 2, note: "gift".into() }).await?;
    app.send(Save::new(ann(), 4, "coins".into())).await?;
    app.send(Lose { id: ann(), by: 1 }).await?;
    app.send(Close { account: ann() }).await?;

    let account = app.load::<Account>(&ann()).await?.state;
    assert_eq!((account.balance, account.closed), (10, true));
    Ok(())
}

#[tokio::test]
async fn the_rest_does_without() -> Result<(), Box<dyn std::error::Error>> {
    use without::{Account, Deposit, Save};

    // No service is missing: nothing is prepared.
    let app = App::new(annals::connect("memory:").await?).aggregate::<Account>().start().await?;
    app.send(Deposit { account: ann(), amount: 2 }).await?;
    app.send(Save::new(ann(), 4)).await?;

    assert_eq!(app.load::<Account>(&ann()).await?.state.balance, 600);
    Ok(())
}

#[test]
fn a_field_is_stored_if_its_parameter_exists() {
    let with = with::Save { id: ann(), amount: 1, note: "coins".into() };
    assert_eq!(with.encode().unwrap().data, r#"{"id":"ann","amount":1,"note":"coins"}"#);
    let without = without::Save { id: ann(), amount: 1 };
    assert_eq!(without.encode().unwrap().data, r#"{"id":"ann","amount":1}"#);

    // What serde is told under a condition holds: of a parameter, and of the method.
    let payload = |json: &'static str| Payload { data: json.into(), ..with.encode().unwrap() };
    assert_eq!(with::Save::decode(&payload(r#"{"id":"ann","amount":1}"#)).unwrap().note, "");
    assert_eq!(with::Lose::decode(&payload(r#"{"id":"ann"}"#)).unwrap().by, 0);
    assert!(with::Lose::decode(&payload(r#"{"id":"ann","more":1}"#)).is_err());
}

#[test]
fn what_is_not_marked_stays_a_method() {
    assert_eq!(without::Account { balance: 7 }.lose(7), Ok(None));

    let mut account = with::Account::default();
    account.evolve_otherwise(&with::AccountEvent::Deposited { amount: 1, note: String::new() });
    assert_eq!(account.balance, 100);
}
