//! The balance, recomputed from the event log alone.
//!
//! It knows the stored form of the events and nothing of the code that wrote them, so that a defect in that code cannot
//! hide behind itself.

use std::collections::BTreeMap;
use std::error::Error;

use annals::saga::SagaEvent;
use annals::store::{Criterion, Filter, ReadLog};
use annals::{Category, EventStore, Json, RecordedEvent, StreamId, Version};

/// The pieces of a product.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) received: u64,
    pub(crate) left: u64,
    pub(crate) handed_over: u64,
    pub(crate) reserved: BTreeMap<String, u64>,
}

/// What the log says about one order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    /// `placed`, `completed` or `cancelled: …`; empty if it was never placed.
    pub(crate) outcome: String,
    pub(crate) total: u64,
    pub(crate) pieces: BTreeMap<String, u64>,
    pub(crate) handed_over: BTreeMap<String, u64>,
    pub(crate) charges: u64,
    pub(crate) charged: u64,
    pub(crate) refunded: u64,
    pub(crate) shipments: u64,
    /// Where its checkout is; empty if there is none.
    pub(crate) saga: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct Audit {
    pub(crate) events: u64,
    pub(crate) shelves: BTreeMap<String, Shelf>,
    pub(crate) cases: BTreeMap<String, Case>,
    /// What does not add up. Nothing: the shop is balanced.
    pub(crate) problems: Vec<String>,
    versions: BTreeMap<StreamId, Version>,
}

/// Reads the whole log of a store, the streams of the sagas included, and checks it.
pub(crate) async fn audit(store: &dyn EventStore) -> Result<Audit, Box<dyn Error + Send + Sync>> {
    let sagas = Criterion::new().category(Category::new("$saga.checkout")?);
    let mut read = ReadLog::new(Filter::from(Criterion::new()).or(sagas));
    let mut audit = Audit::default();
    loop {
        let page = store.read_log(read.clone()).await?;
        for record in &page.events {
            audit.take_in(record)?;
        }
        if page.at_end {
            audit.check();
            return Ok(audit);
        }
        read = read.after(page.scanned_to);
    }
}

fn number(body: &Json, field: &str) -> u64 {
    body[field].as_u64().unwrap_or_default()
}

fn text(body: &Json, field: &str) -> String {
    body[field].as_str().unwrap_or_default().to_owned()
}

impl Audit {
    /// How many checkouts are in each phase.
    pub(crate) fn phases(&self) -> BTreeMap<&'static str, u64> {
        let mut phases = BTreeMap::new();
        for case in self.cases.values() {
            *phases.entry(case.saga).or_default() += 1;
        }
        phases
    }

    fn take_in(&mut self, record: &RecordedEvent) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.events += 1;
        let last = self.versions.insert(record.stream.clone(), record.version).unwrap_or_default();
        if record.version != last.next()? {
            self.problems.push(format!("{} has version {} after {last}", record.stream, record.version));
        }
        let id = record.stream.id().to_owned();
        if record.stream.category().is_system() {
            let saga = &mut self.cases.entry(id).or_default().saga;
            match record.decode()? {
                SagaEvent::Suspended { .. } => *saga = "suspended",
                SagaEvent::Completed {} => *saga = "completed",
                SagaEvent::CompensatedFully {} => *saga = "compensated",
                _ => *saga = "running",
            }
            return Ok(());
        }
        let body: Json = record.payload.read()?;
        match record.name.as_str().split_once('.') {
            Some(("stock", event)) => self.stock(id, event, &body),
            Some((category, event)) => self.case(id, category, event, &body),
            None => self.problems.push(format!("an event named {}", record.name)),
        }
        Ok(())
    }

    fn stock(&mut self, product: String, event: &str, body: &Json) {
        let shelf = self.shelves.entry(product.clone()).or_default();
        let (order, quantity) = (text(body, "order"), number(body, "quantity"));
        match event {
            "received" => {
                shelf.received += quantity;
                shelf.left += quantity;
            }
            "reserved" => match shelf.left.checked_sub(quantity) {
                Some(left) => {
                    shelf.left = left;
                    *shelf.reserved.entry(order).or_default() += quantity;
                }
                None => self.problems.push(format!("{product}: {quantity} reserved for {order}, {} left", shelf.left)),
            },
            "released" | "handed_over" => {
                let reserved = shelf.reserved.remove(&order).unwrap_or_default();
                if reserved != quantity {
                    self.problems.push(format!("{product}: {quantity} {event} for {order}, {reserved} reserved"));
                }
                if event == "released" {
                    shelf.left += quantity;
                } else {
                    shelf.handed_over += quantity;
                    *self.cases.entry(order).or_default().handed_over.entry(product).or_default() += quantity;
                }
            }
            _ => self.problems.push(format!("{product}: an event stock.{event}")),
        }
    }

    fn case(&mut self, order: String, category: &str, event: &str, body: &Json) {
        let case = self.cases.entry(order.clone()).or_default();
        match (category, event) {
            ("order", "placed") => {
                case.total = number(body, "total");
                for line in body["lines"].as_array().into_iter().flatten() {
                    *case.pieces.entry(text(line, "product")).or_default() += number(line, "quantity");
                }
                event.clone_into(&mut case.outcome);
            }
            ("order", "checkout_begun") => {}
            ("order", "completed") if case.outcome == "placed" => event.clone_into(&mut case.outcome),
            ("order", "cancelled") if case.outcome == "placed" => {
                case.outcome = format!("cancelled: {}: {}", text(body, "step"), text(body, "reason"));
            }
            ("payment", "charged") => {
                case.charges += 1;
                case.charged += number(body, "amount");
            }
            ("payment", "refunded") => case.refunded += number(body, "amount"),
            ("shipment", "shipped") => case.shipments += 1,
            _ => self.problems.push(format!("{order}: an event {category}.{event} when it was {:?}", case.outcome)),
        }
    }

    fn check(&mut self) {
        let mut problems = Vec::new();
        for (product, shelf) in &self.shelves {
            for (order, quantity) in &shelf.reserved {
                problems.push(format!("{product}: {quantity} still reserved for {order}"));
            }
            let somewhere = shelf.left + shelf.handed_over + shelf.reserved.values().sum::<u64>();
            if shelf.received != somewhere {
                problems.push(format!("{product}: {} received, {somewhere} accounted for", shelf.received));
            }
        }
        for (order, case) in &self.cases {
            problems.extend(case.problems().into_iter().map(|problem| format!("{order}: {problem}")));
        }
        self.problems.append(&mut problems);
    }
}

impl Case {
    fn problems(&self) -> Vec<String> {
        let is_completed = self.outcome == "completed";
        let checks = [
            (is_completed || self.outcome.starts_with("cancelled"), "it is neither completed nor cancelled"),
            (self.saga == if is_completed { "completed" } else { "compensated" }, "its checkout ended otherwise"),
            (self.charges <= 1, "it was charged more than once"),
            (self.shipments == u64::from(is_completed), "it was shipped and not completed, or the other way round"),
            (self.charged.checked_sub(self.refunded) == Some(if is_completed { self.total } else { 0 }), "the money is wrong"),
            (if is_completed { self.handed_over == self.pieces } else { self.handed_over.is_empty() }, "the goods are wrong"),
        ];
        checks.iter().filter(|(holds, _)| !holds).map(|(_, problem)| format!("{problem}: {self:?}")).collect()
    }
}
