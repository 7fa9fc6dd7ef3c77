//! A service to copy: an aggregate, a saga, a read model, HTTP in front, and tests.
//! ```text
//! cargo run --example template        # in memory; DATABASE=sqlite:orders.db keeps what happens
//! curl -X POST localhost:3000/orders/A-17 --json '{"customer": "ann", "total": 70}'
//! curl localhost:3000/orders/A-17
//! ```

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use annals::prelude::*;
use annals::{EventStore, StartError};
use axum::{Json, Router, extract::Path, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};

// What can happen to an order, and who decides.

#[derive(Event, Clone)]
enum OrderEvent {
    Placed { customer: String, total: u64 },
    Confirmed { payment: String },
    Cancelled { reason: String },
}

#[derive(Debug, thiserror::Error)]
#[error("the order was placed before")]
struct AlreadyPlaced;

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default, PartialEq)]
enum Order {
    #[default]
    New,
    Open,
    Closed,
}

#[aggregate]
impl Order {
    #[command(Place)]
    fn place(&self, customer: String, total: u64) -> Result<OrderEvent, AlreadyPlaced> {
        ensure!(*self == Self::New, AlreadyPlaced);
        Ok(OrderEvent::Placed { customer, total })
    }

    #[command(Confirm)]
    fn confirm(&self, payment: String) -> Result<Option<OrderEvent>, Infallible> {
        Ok((*self == Self::Open).then_some(OrderEvent::Confirmed { payment }))
    }

    #[command(Cancel)]
    fn cancel(&self, reason: String) -> Result<Option<OrderEvent>, Infallible> {
        Ok((*self == Self::Open).then_some(OrderEvent::Cancelled { reason }))
    }

    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        *self = match event {
            OrderEvent::Placed { .. } => Self::Open,
            OrderEvent::Confirmed { .. } | OrderEvent::Cancelled { .. } => Self::Closed,
        }
    }
}

// What happens then: each order is paid and confirmed, or cancelled.

#[derive(Serialize, Deserialize)]
struct Checkout {
    order: String,
    total: u64,
    payment: String,
}

#[saga(deadline = "1h")]
impl Checkout {
    #[start]
    fn begin(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
        let OrderEvent::Placed { total, .. } = event else { return None };
        Some(Self { order: context.stream_id().to_owned(), total: *total, payment: String::new() })
    }

    #[undo(begin)]
    fn cancel(&self) -> Cancel {
        Cancel { id: self.order.clone(), reason: "not paid".into() }
    }

    #[step(pivot, timeout = "30s")]
    async fn charge(&self, gateway: &Gateway, key: IdempotencyKey) -> Result<String, StepError<Declined>> {
        gateway.charge(self.total, key).await
    }

    #[outcome(charge)]
    fn charged(&mut self, payment: String) {
        self.payment = payment;
    }

    #[step]
    fn confirm(&self) -> Confirm {
        Confirm { id: self.order.clone(), payment: self.payment.clone() }
    }
}

/// Stands for the payment service.
struct Gateway;

#[derive(Debug, thiserror::Error)]
#[error("declined")]
struct Declined;

impl Gateway {
    async fn charge(&self, total: u64, key: IdempotencyKey) -> Result<String, StepError<Declined>> {
        if total > 1_000 { Err(Declined)? } else { Ok(key.to_string()) }
    }
}

// What is read: a document for each order.

#[derive(Default, Serialize, Deserialize)]
struct Summary {
    customer: String,
    total: u64,
    state: String,
}

#[projection(per_stream)]
impl Summary {
    #[on]
    fn order(&mut self, event: &OrderEvent) {
        match event.clone() {
            OrderEvent::Placed { customer, total } => *self = Self { customer, total, state: "open".into() },
            OrderEvent::Confirmed { .. } => self.state = "confirmed".into(),
            OrderEvent::Cancelled { reason } => self.state = format!("cancelled: {reason}"),
        }
    }
}

async fn start(store: Arc<dyn EventStore>) -> Result<App, StartError> {
    App::new(store).aggregate::<Order>().projection::<Summary>().saga::<Checkout>().service(Gateway).start().await
}

#[derive(Deserialize)]
struct NewOrder {
    customer: String,
    total: u64,
}

async fn place(app: State<App>, order: Path<String>, Json(new): Json<NewOrder>) -> Result<StatusCode, (StatusCode, String)> {
    let place = Place { id: order.0, customer: new.customer, total: new.total };
    match app.as_actor("web").send(place).await {
        Ok(_) => Ok(StatusCode::ACCEPTED),
        Err(SendError::Rejected(no)) => Err((StatusCode::CONFLICT, no.to_string())),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

async fn show(app: State<App>, order: Path<String>) -> Result<Json<Summary>, StatusCode> {
    let found = async { app.view::<Summary>()?.get(&order).await }.await;
    found.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.map(Json).ok_or(StatusCode::NOT_FOUND)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE").unwrap_or_else(|_| "memory:".into());
    let app = start(annals::connect(&url).await?).await?;
    let routes = Router::new().route("/orders/{order}", post(place).get(show)).with_state(app.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let stopped = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    axum::serve(listener, routes).with_graceful_shutdown(stopped).await?;
    app.shutdown(std::time::Duration::from_secs(10)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use annals_testing::{Given, given_saga};

    use super::*;

    #[test]
    fn an_order_is_placed_once() {
        let place = || Place { id: "A-17".into(), customer: "ann".into(), total: 70 };
        let placed = OrderEvent::Placed { customer: "ann".into(), total: 70 };
        Given::<Order>::nothing().when(place()).then([placed]).when(place()).then_rejected(AlreadyPlaced);
    }

    #[test]
    fn an_order_that_is_not_paid_is_cancelled() {
        given_saga::<Checkout>()
            .begun_by::<Order>(&"A-17".into(), OrderEvent::Placed { customer: "ann".into(), total: 5_000 })
            .does("charge")
            .is_rejected("declined")
            .undoes("begin")
            .sends(Cancel { id: "A-17".into(), reason: "not paid".into() });
    }
}
