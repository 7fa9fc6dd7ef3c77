//! A small shop that uses everything.

use std::fmt;

use annals::{Command, Context, Event, EventContext, Json, Multi, UpcastError, aggregate, projection};

#[derive(Event, Debug, PartialEq, Clone)]
pub(crate) enum OrderEvent {
    #[event(version = 2, upcast = [add_currency])]
    Placed {
        #[tag]
        customer: String,
        #[tag(key = "voucher")]
        code: Option<String>,
        total: u64,
        currency: String,
    },
    #[event(alias = "order.payed", alias = "order.settled")]
    Paid,
    #[event(name = "called_off")]
    Cancelled {
        #[serde(rename = "why", skip_serializing_if = "String::is_empty", default)]
        reason: String,
    },
    #[event(name = "shipping.sent")]
    Sent(Parcel),
}

fn add_currency(mut body: Json) -> Result<Json, UpcastError> {
    body["currency"] = "KRW".into();
    Ok(body)
}

#[derive(Debug, PartialEq, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Parcel {
    pub(crate) number: u32,
}

#[derive(Command, Debug, PartialEq)]
pub(crate) struct PlaceOrder {
    #[id]
    pub(crate) order: String,
    pub(crate) customer: String,
    #[serde(rename = "sum")]
    pub(crate) total: u64,
}

#[derive(Command)]
#[command(name = "order.cancel")]
pub(crate) struct CancelOrder {
    #[id]
    pub(crate) order: String,
}

#[derive(Command)]
pub(crate) struct PayOrder {
    #[id]
    pub(crate) order: String,
}

#[derive(Debug, PartialEq)]
pub(crate) enum OrderError {
    NotNew,
    NoPrice,
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no")
    }
}

impl std::error::Error for OrderError {}

#[aggregate(id = String, event = OrderEvent)]
#[derive(Default, Debug, PartialEq, Clone)]
pub(crate) enum Order {
    #[default]
    New,
    Placed,
    Paid,
    Ended,
}

pub(crate) struct Prices(pub(crate) u64);

type Decided<T> = Result<T, OrderError>;

#[aggregate]
impl Order {
    #[prepare]
    async fn price(_command: &PlaceOrder, prices: &Prices) -> Decided<u64> {
        if prices.0 == 0 { Err(OrderError::NoPrice) } else { Ok(prices.0) }
    }

    #[command]
    fn place(&self, command: PlaceOrder, price: &u64, context: &Context) -> Decided<OrderEvent> {
        let Self::New = self else { return Err(OrderError::NotNew) };
        Ok(OrderEvent::Placed {
            customer: command.customer,
            code: Some(context.stream.id().to_owned()),
            total: command.total * price,
            currency: "EUR".to_owned(),
        })
    }

    #[command]
    fn cancel(&self, _command: &CancelOrder) -> Result<Option<OrderEvent>, std::convert::Infallible> {
        Ok((*self != Self::Ended).then(|| OrderEvent::Cancelled { reason: String::new() }))
    }

    #[command]
    fn pay(&self, _command: PayOrder) -> Result<Multi<Self>, OrderError> {
        Multi::of(self).then(|_| Ok::<_, OrderError>(OrderEvent::Paid))?.then(|order| match order {
            Self::Paid => Ok([OrderEvent::Sent(Parcel { number: 1 })]),
            _ => Err(OrderError::NotNew),
        })
    }

    #[event]
    fn evolve(&mut self, event: &OrderEvent) {
        *self = match event {
            OrderEvent::Placed { .. } => Self::Placed,
            OrderEvent::Paid | OrderEvent::Sent(_) => Self::Paid,
            OrderEvent::Cancelled { .. } => Self::Ended,
        }
    }
}

#[derive(Event, Debug, PartialEq)]
#[event(name = "stock")]
pub(crate) enum StockEvent {
    Taken { order: String },
    Counted,
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Revenue {
    pub(crate) total: u64,
}

#[projection]
impl Revenue {
    #[on]
    fn order(&mut self, event: &OrderEvent) {
        if let OrderEvent::Placed { total, .. } = event {
            self.total += total;
        }
    }
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct OrderView {
    pub(crate) seen: Vec<String>,
}

#[projection(name = "orders", version = 3)]
impl OrderView {
    #[on]
    fn order(&mut self, _event: &OrderEvent, context: &EventContext<'_>) {
        self.seen.push(context.stream_id().to_owned());
    }

    #[key]
    fn order_key(_event: &OrderEvent, context: &EventContext<'_>) -> String {
        context.stream_id().to_owned()
    }

    #[on]
    fn stock(&mut self, _event: &StockEvent) {
        self.seen.push("stock".to_owned());
    }

    #[key]
    fn stock_key(event: &StockEvent) -> Option<String> {
        match event {
            StockEvent::Taken { order } => Some(order.clone()),
            StockEvent::Counted => None,
        }
    }
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct StreamView;

#[projection(per_stream)]
impl StreamView {
    #[on]
    fn order(&mut self, _event: &OrderEvent) {}
}
