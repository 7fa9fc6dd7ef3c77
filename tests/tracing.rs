//! What an operator sees: each command is a span that names it and the chain it belongs to.

mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use support::*;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// The fields of each span, by its name.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &tracing::Id, _: Context<'_, S>) {
        let mut fields = BTreeMap::from([("span".to_owned(), attributes.metadata().name().to_owned())]);
        attributes.record(&mut Fields(&mut fields));
        self.0.lock().unwrap().push(fields);
    }
}

#[tokio::test]
async fn a_command_is_a_span_with_its_id_and_its_chain() -> TestResult {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    for fresh in stores().await {
        let app = bank(fresh.store).await;
        let first = app.send(deposit("a", 5)).actor("ann").await?;
        let chain = app.store().read_stream(annals::store::ReadStream::forward(first.stream)).await?.events[0].metadata()?;
        let second = app.send(withdraw("a", 5)).caused_by(&chain, first.command_id).await?;
        let seen = std::mem::take(&mut *spans.0.lock().unwrap());
        let commands: Vec<_> = seen.iter().filter(|fields| fields["span"] == "command").collect();
        assert_eq!(commands.len(), 2);
        assert_eq!((commands[0]["command"].as_str(), commands[1]["command"].as_str()), ("deposit", "withdraw"));
        assert_eq!(commands[0]["id"], first.command_id.to_string());
        assert_eq!(commands[1]["id"], second.command_id.to_string());
        assert!(commands.iter().all(|fields| fields["correlation"] == first.command_id.to_string() && fields["actor"] == "ann"));
        assert_eq!(commands[1]["causation"], first.command_id.to_string());
    }
    Ok(())
}
