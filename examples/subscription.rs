//! Subscriptions that are billed each month: a saga that reacts to events, now and later, run through a year in an instant.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use annals::MemoryStore;
use annals::prelude::*;
use annals_testing::TestEnv;
use serde::{Deserialize, Serialize};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);
const TIME_TO_PAY: Duration = Duration::from_secs(14 * 24 * 3_600);

#[derive(Event)]
enum SubscriptionEvent {
    Started { price: u64 },
    Suspended { unpaid: u32 },
    Cancelled,
}

#[derive(Debug, thiserror::Error)]
enum SubscriptionError {
    #[error("it runs already")]
    Runs,
    #[error("it does not run")]
    RunsNot,
}

#[aggregate(id = String, event = SubscriptionEvent)]
#[derive(Debug, Default)]
struct Subscription {
    runs: bool,
}

#[aggregate]
impl Subscription {
    #[command(Subscribe)]
    fn subscribe(&self, price: u64) -> Result<SubscriptionEvent, SubscriptionError> {
        ensure!(!self.runs, SubscriptionError::Runs);
        Ok(SubscriptionEvent::Started { price })
    }

    /// Suspending what does not run changes nothing: the customer was faster.
    #[command(Suspend)]
    fn suspend(&self, unpaid: u32) -> Result<Option<SubscriptionEvent>, Infallible> {
        Ok(self.runs.then_some(SubscriptionEvent::Suspended { unpaid }))
    }

    #[command(Cancel)]
    fn cancel(&self) -> Result<SubscriptionEvent, SubscriptionError> {
        ensure!(self.runs, SubscriptionError::RunsNot);
        Ok(SubscriptionEvent::Cancelled)
    }

    #[event]
    fn evolve(&mut self, event: &SubscriptionEvent) {
        self.runs = matches!(event, SubscriptionEvent::Started { .. });
    }
}

#[derive(Event)]
enum InvoiceEvent {
    Issued { subscription: String, number: u32, amount: u64 },
    Paid { subscription: String },
    WrittenOff { subscription: String, number: u32 },
}

#[derive(Debug, thiserror::Error)]
#[error("the invoice is not open")]
struct NotOpen;

#[aggregate(id = String, event = InvoiceEvent)]
#[derive(Debug, Default)]
struct Invoice {
    /// The subscription and the number of the invoice, while it is open.
    open: Option<(String, u32)>,
}

#[aggregate]
impl Invoice {
    #[command(Issue)]
    fn issue(&self, subscription: String, number: u32, amount: u64) -> Result<InvoiceEvent, Infallible> {
        Ok(InvoiceEvent::Issued { subscription, number, amount })
    }

    #[command(Pay)]
    fn pay(&self) -> Result<InvoiceEvent, NotOpen> {
        let (subscription, _) = self.open.clone().ok_or(NotOpen)?;
        Ok(InvoiceEvent::Paid { subscription })
    }

    #[command(WriteOff)]
    fn write_off(&self) -> Result<Option<InvoiceEvent>, Infallible> {
        Ok(self.open.clone().map(|(subscription, number)| InvoiceEvent::WrittenOff { subscription, number }))
    }

    #[event]
    fn evolve(&mut self, event: &InvoiceEvent) {
        self.open = match event {
            InvoiceEvent::Issued { subscription, number, .. } => Some((subscription.clone(), *number)),
            InvoiceEvent::Paid { .. } | InvoiceEvent::WrittenOff { .. } => None,
        }
    }
}

/// Bills one subscription: an invoice each month, two weeks to pay it.
#[derive(Serialize, Deserialize)]
struct Billing {
    subscription: String,
    price: u64,
    invoices: u32,
}

#[saga]
impl Billing {
    #[start]
    fn begin(event: &SubscriptionEvent, context: &EventContext<'_>) -> Option<Self> {
        let SubscriptionEvent::Started { price } = event else { return None };
        Some(Self { subscription: context.stream_id().to_owned(), price: *price, invoices: 0 })
    }

    #[on]
    fn subscription(&mut self, event: &SubscriptionEvent) -> Reaction {
        match event {
            SubscriptionEvent::Started { .. } => Reaction::new().send(self.next_invoice()),
            // What is issued is still to be paid; nothing more is issued.
            SubscriptionEvent::Suspended { .. } | SubscriptionEvent::Cancelled => Reaction::new().cancel::<Issue>().end(),
        }
    }

    #[on]
    fn invoice(&mut self, event: &InvoiceEvent) -> Reaction {
        match event {
            InvoiceEvent::Issued { number, .. } => {
                let write_off = WriteOff { id: format!("{}/{number}", self.subscription) };
                Reaction::new().send_after(TIME_TO_PAY, write_off).send_after(MONTH, self.next_invoice())
            }
            InvoiceEvent::Paid { .. } => Reaction::new().cancel::<WriteOff>(),
            InvoiceEvent::WrittenOff { number, .. } => {
                Reaction::new().send(Suspend { id: self.subscription.clone(), unpaid: *number })
            }
        }
    }

    #[key]
    fn of_invoice(event: &InvoiceEvent) -> String {
        match event {
            InvoiceEvent::Issued { subscription, .. }
            | InvoiceEvent::Paid { subscription }
            | InvoiceEvent::WrittenOff { subscription, .. } => subscription.clone(),
        }
    }

    fn next_invoice(&mut self) -> Issue {
        self.invoices += 1;
        let (subscription, number) = (self.subscription.clone(), self.invoices);
        Issue { id: format!("{subscription}/{number}"), subscription, number, amount: self.price }
    }
}

/// What was earned, and what is missing.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
struct Books {
    issued: u64,
    written_off: u32,
}

#[projection]
impl Books {
    #[on]
    fn invoice(&mut self, event: &InvoiceEvent) {
        match event {
            InvoiceEvent::Issued { amount, .. } => self.issued += amount,
            InvoiceEvent::WrittenOff { .. } => self.written_off += 1,
            InvoiceEvent::Paid { .. } => {}
        }
    }
}

async fn a_year() -> Result<Books, Box<dyn Error>> {
    let test = TestEnv::seeded(1);
    test.run(async {
        let app = App::new(Arc::new(MemoryStore::new())).env(test.env()).aggregate::<Subscription>().aggregate::<Invoice>();
        let app = app.projection::<Books>().saga::<Billing>().start().await?;
        for customer in ["ann", "bob"] {
            app.send(Subscribe { id: customer.into(), price: 9 }).await?;
        }
        for month in 1..=12_u32 {
            app.settled().await?;
            app.send(Pay { id: format!("ann/{month}") }).await?;
            // Bob stops paying in May, and is suspended two weeks later.
            if month < 5 {
                app.send(Pay { id: format!("bob/{month}") }).await?;
            }
            app.env().sleep_until(app.env().now().after(MONTH)).await;
        }
        app.settled().await?;
        assert!(!app.load::<Subscription>(&"bob".into()).await?.state.runs);
        app.send(Cancel { id: "ann".into() }).await?;
        app.env().sleep_until(app.env().now().after(100 * DAY)).await;
        app.settled().await?;
        let books = app.view::<Books>()?.single().await?;
        app.shutdown(Duration::ZERO).await;
        Ok(books)
    })
    .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let books = a_year().await?;
    println!("issued {} in a year, {} invoices were not paid", books.issued, books.written_off);
    // Twelve of Ann's and one more that was due when she left, and five of Bob's.
    assert_eq!(books, Books { issued: 18 * 9, written_off: 2 });
    Ok(())
}
