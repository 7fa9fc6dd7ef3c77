//! One run: place the orders, wait until every checkout has ended, print, check.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::time::Duration;

use annals::{App, EventStore};
use indicatif::{ProgressBar, ProgressStyle};

use crate::abort::AbortingStore;
use crate::audit::audit;
use crate::intake::place_all;
use crate::shop::{self, Catalogue};
use crate::views::{Analytics, Notifications};
use crate::{Failure, Options, generate, input, report};

/// From how many orders on a bar shows the progress, and only a few are told in full.
const MANY: usize = 100;

/// Returns whether everything adds up.
pub(crate) async fn run(options: Options) -> Result<bool, Failure> {
    let (entries, catalogue, delivery) = match options.generate {
        Some(count) => (generate::orders(count, options.seed), generate::catalogue(count), format!("{count}/{}", options.seed)),
        None => (input::read(options.file.as_deref())?, Catalogue::bundled(), "first".to_owned()),
    };
    let store = open_store(&options).await?;
    let events_before = if options.generate.is_some() { audit(&*store).await?.events } else { 0 };

    let pieces = catalogue.0.iter().map(|(product, it)| (product.clone(), it.delivery)).collect();
    let notifications = Notifications::default();
    let app = shop::application(store, catalogue, &notifications).start().await?;
    shop::receive(&app, &delivery, pieces).await?;

    let began = app.env().now();
    let ended_before = app.view::<Analytics>()?.single().await?.ended();
    let bar = bar(entries.len(), &options);
    let total = entries.len();
    let placed = place_all(&app, entries, options.quiet, options.print_acks).await?;
    settle(&app, &bar, ended_before).await?;
    let took = app.env().now().since(began);

    let audit = audit(&*app.store()).await?;
    if !options.quiet {
        let few = if total < MANY { usize::MAX } else { 3 };
        for order in placed.iter().take(few) {
            report::print(&report::timeline(&app, order).await?)?;
        }
        report::print(&report::tables(&app, few.min(50)).await?)?;
        report::print(&format!("\n{} messages to customers\n", notifications.count()))?;
    }
    if !options.quiet || !audit.problems.is_empty() {
        report::print(&report::balance(&audit))?;
    }
    if options.generate.is_some() {
        let seconds = took.as_secs_f64().max(0.001);
        let events = audit.events.saturating_sub(events_before);
        report::print(&format!(
            "\n{} new orders and {events} events in {seconds:.2} s: {:.0} orders/s, {:.0} events/s\n",
            placed.len(),
            placed.len() as f64 / seconds,
            events as f64 / seconds
        ))?;
    }
    app.shutdown(Duration::from_secs(10)).await;
    Ok(audit.problems.is_empty())
}

async fn open_store(options: &Options) -> Result<Arc<dyn EventStore>, Failure> {
    let url = options.store.clone().unwrap_or_else(|| {
        let path = std::env::temp_dir().join("annals-order-saga.db");
        format!("sqlite:{}", path.display())
    });
    let store = annals::connect(&url).await?;
    if !options.quiet {
        // What stands before an `@` may be a password.
        let shown = url.rsplit_once('@').map_or(url.as_str(), |(_, rest)| rest);
        report::print(&format!("store: {shown}\n"))?;
    }
    if options.abort_before.is_none() && options.abort_after.is_none() {
        return Ok(store);
    }
    Ok(Arc::new(AbortingStore::new(store, options.abort_before, options.abort_after)))
}

/// Waits until every checkout has ended and every read model knows.
async fn settle(app: &App, bar: &ProgressBar, ended_before: u64) -> Result<(), Failure> {
    let analytics = app.view::<Analytics>()?;
    let settled = app.settled();
    tokio::pin!(settled);
    loop {
        let soon = app.env().now().after(Duration::from_millis(100));
        tokio::select! {
            settled = &mut settled => break settled?,
            () = app.env().sleep_until(soon), if !bar.is_hidden() => {
                bar.set_position(analytics.single().await?.ended().saturating_sub(ended_before));
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn bar(orders: usize, options: &Options) -> ProgressBar {
    if options.quiet || orders < MANY || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} orders ended");
    ProgressBar::new(orders as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
