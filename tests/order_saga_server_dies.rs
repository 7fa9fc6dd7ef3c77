//! The order saga goes on by itself when its server is killed under it: nothing is lost, nothing happens twice, and every
//! order comes to its end.
//!
//! `ANNALS_KILLS` says how often, by default four times.

#![cfg(unix)]
#![allow(dead_code, reason = "of the shop, the program around it is not needed")]

#[path = "../examples/order_saga/audit.rs"]
mod audit;
#[path = "../examples/order_saga/checkout.rs"]
mod checkout;
#[path = "../examples/order_saga/courier.rs"]
mod courier;
#[path = "../examples/order_saga/generate.rs"]
mod generate;
#[path = "../examples/order_saga/input.rs"]
mod input;
#[path = "../examples/order_saga/money.rs"]
mod money;
#[path = "../examples/order_saga/order.rs"]
mod order;
#[path = "../examples/order_saga/payment.rs"]
mod payment;
#[path = "order_saga/program.rs"]
mod program;
#[path = "../store-postgres/tests/support/server.rs"]
mod server;
#[path = "../examples/order_saga/shipment.rs"]
mod shipment;
#[path = "../examples/order_saga/shop.rs"]
mod shop;
#[path = "../examples/order_saga/stock.rs"]
mod stock;
#[path = "../examples/order_saga/views.rs"]
mod views;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use annals::prelude::*;
use annals::{Health, Random, SystemRandom, WaitError};
use futures_util::future::join_all;
use order::PlaceOrder;
use server::Server;
use views::Notifications;

type Failure = Box<dyn Error + Send + Sync>;

/// More than are placed.
const ORDERS: u64 = 20_000;
const CUSTOMERS: usize = 24;

fn full(error: &dyn Error) -> String {
    error.to_string()
}

fn kills() -> usize {
    env::var("ANNALS_KILLS").map_or(4, |kills| kills.parse().expect("ANNALS_KILLS is a number"))
}

/// Customers who place orders, one after another, each until it is acknowledged.
struct Customers<'a> {
    app: &'a App,
    orders: Mutex<std::vec::IntoIter<input::Entry>>,
    placed: Mutex<BTreeSet<String>>,
    failures: AtomicUsize,
    enough: AtomicBool,
}

impl Customers<'_> {
    async fn place_orders(&self) {
        while !self.enough.load(Ordering::SeqCst) {
            let order = self.orders.lock().unwrap().next().expect("there are more orders than anybody places").order.unwrap();
            self.insist(&order).await;
            self.placed.lock().unwrap().insert(order.order);
        }
    }

    async fn insist(&self, order: &PlaceOrder) {
        while let Err(error) = shop::place(self.app, order.clone()).await {
            assert!(matches!(error, SendError::Append(_) | SendError::Read(_)), "{}: {error:?}", order.order);
            self.failures.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    }

    fn count(&self) -> usize {
        self.placed.lock().unwrap().len()
    }

    /// Kills the server again and again, each time after some more orders.
    async fn kill(&self, server: &Server) {
        for kill in 0..kills() {
            self.until_more((SystemRandom.next_u64() % 40) as usize).await;
            match kill % 3 {
                0 => server.stop_immediately(),
                1 => server.kill(),
                // It recovers and goes on by itself.
                _ => server.kill_one_of("annals"),
            }
            if kill % 3 < 2 {
                server.start_again();
            }
        }
        self.until_more(20).await;
        self.enough.store(true, Ordering::SeqCst);
    }

    async fn until_more(&self, more: usize) {
        let enough = self.count() + more;
        while self.count() < enough {
            tokio::task::yield_now().await;
        }
    }
}

/// Waits until nothing is left to do. That the log cannot be read right now is not the end.
async fn settle(app: &App) {
    while let Err(error) = app.settled().await {
        assert!(matches!(error, WaitError::Read(_)), "{error:?}");
    }
}

async fn run(server: &Server) -> BTreeSet<String> {
    let store = annals::connect(&server.url()).await.unwrap();
    let catalogue = generate::catalogue(ORDERS);
    let pieces = catalogue.0.iter().map(|(product, it)| (product.clone(), it.delivery)).collect();
    let app = shop::application(store, catalogue, &Notifications::default()).start().await.unwrap();
    shop::receive(&app, "first", pieces).await.unwrap();
    let customers = Customers {
        app: &app,
        orders: Mutex::new(generate::orders(ORDERS, 1).into_iter()),
        placed: Mutex::default(),
        failures: AtomicUsize::default(),
        enough: AtomicBool::default(),
    };
    let placing = join_all((0..CUSTOMERS).map(|_| customers.place_orders()));
    tokio::join!(placing, customers.kill(server));
    settle(&app).await;
    for part in app.status() {
        assert_eq!(part.health, Health::Running, "{}", part.name);
    }
    println!(
        "{} kills of the server: {} orders placed, {} answers were failures, and the order was sent again",
        kills(),
        customers.count(),
        customers.failures.load(Ordering::SeqCst)
    );
    let placed = customers.placed.into_inner().unwrap();
    app.shutdown(Duration::from_secs(10)).await;
    placed
}

#[test]
fn the_application_goes_on_when_its_server_was_killed() {
    let server = Server::start(&[]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let placed = runtime.block_on(run(&server));
    let audit = program::audited(&server.url());
    assert_eq!(audit.problems, [""; 0]);
    assert_eq!(audit.cases.keys().cloned().collect::<BTreeSet<_>>(), placed, "what is there is what was acknowledged");
    assert!(audit.phases().keys().all(|phase| ["completed", "compensated"].contains(phase)), "{:?}", audit.phases());
}
