//! The road end to end: commands, a projection, and a saga that compensates.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use annals::prelude::*;
use annals::saga::{Definition, Phase, StepError};
use annals::{EventStore, MemoryStore};
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
enum StockError {
    #[error("only {left} left")]
    RunOut { left: u64 },
}

#[derive(Event, Debug, PartialEq)]
enum StockEvent {
    Received { quantity: u64 },
    Reserved { order: String, quantity: u64 },
    Released { order: String },
}

#[derive(Command)]
struct Receive {
    #[id]
    product: String,
    quantity: u64,
}

#[derive(Command)]
struct Reserve {
    #[id]
    product: String,
    order: String,
    quantity: u64,
}

#[derive(Command)]
struct Release {
    #[id]
    product: String,
    order: String,
}

#[aggregate(id = String, event = StockEvent)]
#[derive(Default)]
struct Stock {
    left: u64,
    reserved: std::collections::BTreeMap<String, u64>,
}

#[aggregate]
impl Stock {
    #[command]
    fn receive(&self, command: Receive) -> Result<StockEvent, Infallible> {
        Ok(StockEvent::Received { quantity: command.quantity })
    }

    #[command]
    fn reserve(&self, command: Reserve) -> Result<StockEvent, StockError> {
        if self.left < command.quantity {
            return Err(StockError::RunOut { left: self.left });
        }
        Ok(StockEvent::Reserved { order: command.order, quantity: command.quantity })
    }

    #[command]
    fn release(&self, command: Release) -> Result<Option<StockEvent>, Infallible> {
        Ok(self.reserved.contains_key(&command.order).then_some(StockEvent::Released { order: command.order }))
    }

    #[event]
    fn evolve(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Received { quantity } => self.left += quantity,
            StockEvent::Reserved { order, quantity } => {
                self.left -= quantity;
                self.reserved.insert(order.clone(), *quantity);
            }
            StockEvent::Released { order } => self.left += self.reserved.remove(order).unwrap_or_default(),
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Movements {
    reserved: u64,
    released: u64,
}

#[projection]
impl Movements {
    #[on]
    fn stock(&mut self, event: &StockEvent) {
        match event {
            StockEvent::Received { .. } => {}
            StockEvent::Reserved { .. } => self.reserved += 1,
            StockEvent::Released { .. } => self.released += 1,
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Purchase {
    order: String,
    quantity: u64,
    payment: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
#[error("declined")]
struct Declined;

struct Gateway;

impl Gateway {
    async fn charge(&self, order: &str) -> Result<u64, StepError<Declined>> {
        if order.contains("poor") { Err(Declined)? } else { Ok(7) }
    }
}

fn purchase() -> Result<Definition<Purchase>, annals::saga::InvalidSaga> {
    Definition::<Purchase>::named("purchase")
        .step("reserve")
        .command(|it| Reserve { product: "P001".into(), order: it.order.clone(), quantity: it.quantity })
        .undo(|it| Release { product: "P001".into(), order: it.order.clone() })
        .step("charge")
        .activity_with(|it, gateway: Arc<Gateway>| async move { gateway.charge(&it.order).await })
        .outcome(|it, payment: u64| it.payment = Some(payment))
        .pivot()
        .build()
}

async fn run(store: Arc<dyn EventStore>) -> Result<(), Box<dyn std::error::Error>> {
    let app =
        App::new(store).aggregate::<Stock>().projection::<Movements>().service(Gateway).saga_with(purchase()).start().await?;
    app.send(Receive { product: "P001".into(), quantity: 3 }).await?;
    let sagas = app.saga::<Purchase>()?;
    let buy = |order: &str| Purchase { order: order.into(), quantity: 2, payment: None };
    sagas.start("rich", &buy("rich")).await?;
    app.settled().await?;
    sagas.start("late", &buy("late")).await?;
    app.settled().await?;
    app.send(Receive { product: "P001".into(), quantity: 5 }).await?;
    sagas.start("poor", &buy("poor")).await?;
    app.settled().await?;
    let phase = async |key: &str| sagas.get(key).await.map(|found| found.map(|found| (found.phase(), found.state.payment)));
    assert_eq!(phase("rich").await?, Some((Phase::Completed, Some(7))));
    assert_eq!(phase("late").await?, Some((Phase::Compensated, None)));
    assert_eq!(phase("poor").await?, Some((Phase::Compensated, None)));
    let stock = app.load::<Stock>(&"P001".into()).await?;
    assert_eq!(stock.state.left, 6);
    let movements = app.view::<Movements>()?.single().await?;
    assert_eq!((movements.reserved, movements.released), (2, 1));
    let refused = app.send(Reserve { product: "P001".into(), order: "big".into(), quantity: 100 }).await;
    assert!(matches!(refused, Err(SendError::Rejected(StockError::RunOut { left: 6 }))));
    assert!(app.shutdown(Duration::from_secs(5)).await);
    Ok(())
}

#[tokio::test]
async fn the_road_leads_through_on_memory() -> Result<(), Box<dyn std::error::Error>> {
    run(Arc::new(MemoryStore::new())).await
}

#[tokio::test]
async fn the_road_leads_through_on_sqlite() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    run(annals::connect(&format!("sqlite:{}", folder.path().join("orders.db").display())).await?).await
}

#[tokio::test]
async fn the_road_leads_through_on_postgres() -> Result<(), Box<dyn std::error::Error>> {
    let schema = annals_testing::PostgresSchema::new();
    run(annals::connect(&schema.url()).await?).await
}
