//! The shop: what it sells, the application that runs it, and how orders come in.

use std::collections::BTreeMap;
use std::sync::Arc;

use annals::prelude::*;
use annals::store::{PageSize, ReadStream};
use annals::{AppBuilder, CommandId, EventStore};

use crate::Failure;
use crate::checkout::Checkout;
use crate::courier::Courier;
use crate::money::Money;
use crate::order::{Order, OrderError, OrderEvent, PlaceOrder};
use crate::payment::Payment;
use crate::shipment::Shipment;
use crate::stock::{Receive, Stock};
use crate::views::{Analytics, Notifications, OrderSummary};

/// Where the ids of this program's commands come from. A command that is sent again under its id, in this run or a later
/// one, is applied once.
const SHOP: CommandId = CommandId::from_bytes(*b"order saga shop!");

pub(crate) struct Product {
    pub(crate) price: Money,
    /// How many the first delivery brings.
    pub(crate) delivery: u64,
}

#[derive(Default)]
pub(crate) struct Catalogue(pub(crate) BTreeMap<String, Product>);

impl Catalogue {
    /// What the orders of the bundled file ask for.
    pub(crate) fn bundled() -> Self {
        let mut catalogue = Self::default();
        catalogue.add("P001", 1_500_000, 100); // notebook
        catalogue.add("P002", 50_000, 500); // mouse
        catalogue.add("P003", 320_000, 2); // monitor arm, the last two
        catalogue.add("P004", 4_000, 1_000); // cable
        catalogue
    }

    pub(crate) fn add(&mut self, product: &str, price: u64, delivery: u64) {
        self.0.insert(product.to_owned(), Product { price: Money::won(price), delivery });
    }

    pub(crate) fn price(&self, product: &str) -> Option<Money> {
        self.0.get(product).map(|product| product.price)
    }
}

/// Puts the application together. Swapping the store is a matter of the argument: nothing else mentions it.
pub(crate) fn application(store: Arc<dyn EventStore>, catalogue: Catalogue, notifications: &Notifications) -> AppBuilder {
    let notifications = notifications.clone();
    App::new(store)
        .aggregate::<Order>()
        .aggregate::<Stock>()
        .aggregate::<Payment>()
        .aggregate::<Shipment>()
        .projection::<Analytics>()
        .projection::<OrderSummary>()
        .subscriber("notifications", move |recorded: Recorded<OrderEvent>| {
            notifications.take_in(&recorded);
            std::future::ready(Ok(()))
        })
        .saga::<Checkout>()
        .service(catalogue)
        .service(Courier::default())
}

/// Receives a delivery of each product, once a name of the delivery.
pub(crate) async fn receive(app: &App, delivery: &str, pieces: Vec<(String, u64)>) -> Result<(), Failure> {
    for (product, quantity) in pieces {
        let id = SHOP.derive(&format!("delivery {delivery} of {product}"));
        app.send(Receive { product, quantity }).id(id).await?;
    }
    Ok(())
}

/// What became of an order that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    New,
    /// The same order was placed before, in this run or an earlier one. Nothing happens twice.
    Before,
    /// An order with this id and another content was placed before. The first one stands.
    BeforeOtherwise,
}

/// Sends an order. Its command id derives from the id of the order, so sending it again is safe.
pub(crate) async fn place(app: &App, order: PlaceOrder) -> Result<Placed, SendError<OrderError>> {
    let id = SHOP.derive(&format!("place {}", order.order));
    let receipt = app.send(order.clone()).id(id).await?;
    if !receipt.repeated {
        return Ok(Placed::New);
    }
    let first = ReadStream::forward(receipt.stream).size(PageSize::events(1));
    let page = app.store().read_stream(first).await?;
    let is_same = match page.events.first().map(|record| record.decode()).transpose()? {
        Some(OrderEvent::Placed { customer, address, lines, total }) => {
            let asked = order.lines.iter().map(|item| (&item.product, item.quantity));
            (&customer, &address, total) == (&order.customer, &order.address, order.total)
                && lines.iter().map(|line| (&line.product, line.quantity)).eq(asked)
        }
        _ => false,
    };
    Ok(if is_same { Placed::Before } else { Placed::BeforeOtherwise })
}
