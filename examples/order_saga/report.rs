//! What is printed: a timeline per order, the read models as tables, the balance.

use std::fmt::Write as _;
use std::io::{self, Write};

use annals::App;
use annals::saga::{Cause, SagaEvent, Way};
use annals::store::ReadStream;
use anstyle::{AnsiColor, Style};

use crate::Failure;
use crate::audit::Audit;
use crate::checkout::Checkout;
use crate::money::Money;
use crate::views::{Analytics, OrderSummary};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const BACK: Style = AnsiColor::Yellow.on_default();
const TITLE: Style = Style::new().bold();

/// Writes text whose colours are dropped where nobody sees them. A reader that has gone away is no failure.
pub(crate) fn print(text: &str) -> io::Result<()> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// How the checkout of an order went: its stream is the audit log.
pub(crate) async fn timeline(app: &App, order: &str) -> Result<String, Failure> {
    let Some(saga) = app.saga::<Checkout>()?.get(order).await? else { return Ok(String::new()) };
    let Checkout { customer, total, .. } = &saga.state;
    let mut text = format!("\n{TITLE}{order}{TITLE:#}  {customer}  {total}\n");
    let page = app.store().read_stream(ReadStream::forward(saga.stream)).await?;
    let mut began = None;
    for record in &page.events {
        let Some(line) = line(&record.decode()?) else { continue };
        let since = record.recorded_at.since(*began.get_or_insert(record.recorded_at));
        writeln!(text, "  {:>6} ms  {line}", since.as_millis())?;
    }
    Ok(text)
}

fn line(event: &SagaEvent) -> Option<String> {
    Some(match event {
        SagaEvent::StepSucceeded { step, outcome } if outcome.is_null() => format!("{GOOD}✓{GOOD:#} {step}"),
        SagaEvent::StepSucceeded { step, outcome } => format!("{GOOD}✓{GOOD:#} {step}: {outcome}"),
        SagaEvent::StepRejected { step, reason } => format!("{BAD}✗ {step}: {reason}{BAD:#}"),
        SagaEvent::StepDeclined { step, reason } => format!("{BAD}✗ {step}: {reason}, going on{BAD:#}"),
        SagaEvent::StepUnknown { step, reason } => format!("{BAD}? {step}: {reason}{BAD:#}"),
        SagaEvent::AttemptFailed { step, way, attempt, error, .. } => {
            let what = if *way == Way::Do { "" } else { "undoing " };
            format!("{BACK}… {what}{step}, attempt {attempt}: {error}{BACK:#}")
        }
        SagaEvent::PivotPassed { .. } => "→ no way back from here".to_owned(),
        SagaEvent::CompensationStarted { cause: Cause::Deadline } => format!("{BACK}↶ it took too long: going back{BACK:#}"),
        SagaEvent::CompensationStarted { .. } => format!("{BACK}↶ going back{BACK:#}"),
        SagaEvent::Compensated { step } => format!("{BACK}↶ {step} undone{BACK:#}"),
        SagaEvent::Suspended { step, reason, .. } => format!("{BAD}‖ {step} waits for an operator: {reason}{BAD:#}"),
        SagaEvent::Completed {} => format!("{GOOD}■ completed{GOOD:#}"),
        SagaEvent::CompensatedFully {} => format!("{BACK}■ cancelled{BACK:#}"),
        _ => return None,
    })
}

/// The read models. Of many orders only the first are listed.
pub(crate) async fn tables(app: &App, at_most: usize) -> Result<String, Failure> {
    let numbers = app.view::<Analytics>()?.single().await?;
    let net = numbers.charged.minus(numbers.refunded);
    let cancelled: u64 = numbers.cancelled.values().sum();
    let mut text = format!("\n{TITLE}Analytics{TITLE:#}\n");
    let count = |text: &mut String, name: &str, value: u64| writeln!(text, "  {name:<24}{value:>16}");
    let amount = |text: &mut String, name: &str, value: Money| writeln!(text, "  {name:<24}{value:>16}");
    count(&mut text, "orders placed", numbers.placed)?;
    count(&mut text, "orders completed", numbers.completed)?;
    count(&mut text, "orders cancelled", cancelled)?;
    count(&mut text, "  out of stock", numbers.cancelled_at("reserve"))?;
    count(&mut text, "  payment failed", numbers.cancelled_at("charge"))?;
    count(&mut text, "  no courier", numbers.cancelled_at("book_courier"))?;
    count(&mut text, "  not shipped", numbers.cancelled_at("ship"))?;
    count(&mut text, "pieces shipped", numbers.pieces_shipped)?;
    amount(&mut text, "charged", numbers.charged)?;
    amount(&mut text, "refunded", numbers.refunded)?;
    amount(&mut text, "revenue", net)?;

    let summaries = app.view::<OrderSummary>()?.list("", None, at_most).await?;
    writeln!(text, "\n{TITLE}Orders{TITLE:#}")?;
    for (order, summary) in &summaries {
        let OrderSummary { customer, total, paid, tracking, status, note } = summary;
        let note = tracking.as_ref().unwrap_or(note);
        writeln!(text, "  {order:<12}{customer:<12}{total:>14}{paid:>14} paid  {status:<11}{note}")?;
    }
    let more = numbers.placed.saturating_sub(summaries.len() as u64);
    if more > 0 {
        writeln!(text, "  … and {more} more")?;
    }
    Ok(text)
}

/// Whether stock and money add up.
pub(crate) fn balance(audit: &Audit) -> String {
    let mut text = format!("\n{TITLE}Balance{TITLE:#}, recomputed from {} events\n", audit.events);
    for (product, shelf) in audit.shelves.iter().take(10) {
        let (received, left, out) = (shelf.received, shelf.left, shelf.handed_over);
        text += &format!("  {product:<8}{received:>10} received{left:>10} left{out:>10} handed over\n");
    }
    if audit.shelves.len() > 10 {
        text += &format!("  … and {} more products\n", audit.shelves.len() - 10);
    }
    let phases: Vec<_> = audit.phases().iter().map(|(phase, count)| format!("{count} {phase}")).collect();
    text += &format!("  checkouts: {}\n", phases.join(", "));
    for problem in audit.problems.iter().take(20) {
        text += &format!("  {BAD}{problem}{BAD:#}\n");
    }
    match audit.problems.len() {
        0 => text += &format!("  {GOOD}balanced{GOOD:#}\n"),
        count => text += &format!("  {BAD}not balanced: {count} problems{BAD:#}\n"),
    }
    text
}
