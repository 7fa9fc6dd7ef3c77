//! The shortest good form of an aggregate and of a saga, as a reader of the documentation would write them.

use std::fs;
use std::process::Command;

#[expect(unreachable_pub, reason = "it is written as in a library")]
#[path = "face/account.rs"]
#[rustfmt::skip] // It is laid out by the rules of the reader's project, not by ours.
mod account;

#[expect(unreachable_pub, reason = "it is written as in a library")]
#[path = "face/checkout.rs"]
#[rustfmt::skip]
mod checkout;

#[expect(unreachable_pub, reason = "it is written as in a library")]
#[path = "face/shop.rs"]
mod shop;

use account::{Account, AccountError, AccountEvent, Deposit, Open, Withdraw};
use annals::{App, SendError};
use annals_testing::Given;
use checkout::Checkout;
use shop::{Gateway, Order, PlaceOrder, Stock};

const ACCOUNT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/face/account.rs");
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/face/checkout.rs");

#[tokio::test]
async fn an_account_is_opened_paid_into_and_never_overdrawn() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new(annals::connect("memory:").await?).aggregate::<Account>().start().await?;
    let id = || "ann".to_owned();

    app.send(Open::new(id())).await?;
    app.send(Deposit::new(id(), 10)).await?;
    app.send(Withdraw::new(id(), 4)).await?;
    let refused = app.send(Withdraw::new(id(), 7)).await.unwrap_err();

    assert!(matches!(refused, SendError::Rejected(AccountError::Short(6))));
    let account = app.load::<Account>(&id()).await?.state;
    assert!(account.open);
    assert_eq!(account.balance, 6);
    Ok(())
}

#[test]
fn its_rules_are_tested_as_they_are_spoken() {
    let id = || "ann".to_owned();
    Given::<Account>::nothing().when(Open::new(id())).then([AccountEvent::Opened]);
    Given::<Account>::events([AccountEvent::Opened]).when(Open::new(id())).then([]);
    Given::<Account>::nothing().when(Deposit::new(id(), 1)).then_rejected(AccountError::NotOpen);
}

#[tokio::test]
async fn a_checkout_goes_through_or_is_undone() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::new(annals::connect("memory:").await?).aggregate::<Order>().aggregate::<Stock>();
    let app = app.saga::<Checkout>().service(Gateway).start().await?;
    for (order, product) in [("ann-1", "book"), ("mallory-1", "lamp")] {
        app.send(PlaceOrder::new(order.into(), product.into())).await?;
    }
    app.settled().await?;
    assert_eq!(app.load::<Stock>(&"book".into()).await?.state, Stock { reserved: 1, shipped: 1 });
    assert_eq!(app.load::<Stock>(&"lamp".into()).await?.state, Stock { reserved: 0, shipped: 0 });
    Ok(())
}

#[test]
fn they_take_no_more_lines_than_promised_and_name_nothing_by_text() {
    for (file, most) in [(ACCOUNT, 45), (CHECKOUT, 40)] {
        let source = fs::read_to_string(file).unwrap();
        let counts = |line: &&str| !(line.is_empty() || line.starts_with("use ") || line.starts_with("//"));
        let lines = source.lines().map(str::trim).filter(counts).count();
        assert!(lines <= most, "{file} has {lines} lines");
        assert!(!source.contains("Box<dyn"), "errors are typed");
        assert!(!source.contains("name = "), "names of events, commands and steps are not written as text");
    }
}

#[test]
fn they_are_laid_out_as_rustfmt_does_by_default() {
    let defaults = tempfile::tempdir().unwrap();
    fs::write(defaults.path().join("rustfmt.toml"), "").unwrap();
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024", "--config-path"]).arg(defaults.path()).args([ACCOUNT, CHECKOUT]);
    let output = rustfmt.output().expect("rustfmt is installed with the compiler: `rustup component add rustfmt`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
