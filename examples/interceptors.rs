//! What happens around every command: checks, rights, an audit, and how long it all takes.
//!
//! ```text
//! cargo run --example interceptors
//! ```

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use annals::layer::{AuditEntry, AuditLayer, AuthorizeLayer, Forbidden, Invalid, Timed, TimingLayer, ValidateLayer};
use annals::prelude::*;
use annals::{Acting, Tenant};
use tower::timeout::TimeoutLayer;

#[derive(Event)]
enum DocumentEvent {
    Drafted { author: String },
    Published,
}

#[derive(Command)]
struct Draft {
    #[id]
    document: String,
    title: String,
}

#[derive(Command)]
struct Publish {
    #[id]
    document: String,
}

#[derive(Command)]
struct Shred {
    #[id]
    document: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotNow(&'static str);

#[aggregate(id = String, event = DocumentEvent)]
#[derive(Default)]
enum Document {
    #[default]
    New,
    Draft(String),
    Published,
}

#[aggregate]
impl Document {
    #[command]
    fn draft(&self, _command: Draft, context: &Context) -> Result<DocumentEvent, NotNow> {
        let Self::New = self else { return Err(NotNow("there is a document of that name")) };
        Ok(DocumentEvent::Drafted { author: context.metadata.actor.clone().unwrap_or_default() })
    }

    #[command]
    fn publish(&self, _command: Publish, context: &Context) -> Result<DocumentEvent, NotNow> {
        match self {
            // What depends on the state is said here, not in a layer.
            Self::Draft(author) if context.metadata.actor.as_ref() == Some(author) => Err(NotNow("somebody else must read it")),
            Self::Draft(_) => Ok(DocumentEvent::Published),
            Self::New | Self::Published => Err(NotNow("there is no draft of that name")),
        }
    }

    #[command]
    fn shred(&self, _command: Shred) -> Result<Option<DocumentEvent>, NotNow> {
        Ok(None)
    }

    #[event]
    fn evolve(&mut self, event: &DocumentEvent) {
        *self = match event {
            DocumentEvent::Drafted { author } => Self::Draft(author.clone()),
            DocumentEvent::Published => Self::Published,
        }
    }
}

/// Who may do what. Nobody may do what is not said here: there is no rule for `Shred`.
fn rules() -> AuthorizeLayer {
    let editors = ["ann@press", "bob@press"];
    AuthorizeLayer::new()
        .isolate(|actor, tenant| actor.split_once('@').is_some_and(|(_, house)| house == tenant.as_str()))
        .allow::<Draft>(|_, _| true)
        .allow::<Publish>(move |who, _| who.actor().is_some_and(|actor| editors.contains(&actor)))
}

fn checks() -> ValidateLayer {
    ValidateLayer::new()
        .check::<Draft, _>(|it| if it.title.is_empty() { Err("a document needs a title") } else { Ok(()) })
        .check::<Draft, _>(|it| if it.document.len() > 20 { Err("that is too long for a name") } else { Ok(()) })
}

fn audit(entry: AuditEntry) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "  audit   {entry}")
}

fn timing(timed: &Timed) {
    println!("  timing  {} {} in {:?}", timed.command, timed.ending, timed.took);
}

/// What a service would answer over HTTP.
fn status<E>(sent: Result<Receipt, SendError<E>>) -> u16 {
    match sent {
        Ok(_) => 200,
        Err(SendError::Rejected(_)) => 409,
        Err(error) if error.layer::<Forbidden>().is_some() => 403,
        Err(error) if error.layer::<Invalid>().is_some() => 422,
        Err(_) => 500,
    }
}

async fn draft(who: &Acting, title: &str) -> u16 {
    status(who.send(Draft { document: "news".into(), title: title.into() }).await)
}

async fn publish(who: &Acting) -> u16 {
    status(who.send(Publish { document: "news".into() }).await)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App::new(annals::connect("memory:").await?)
        .aggregate::<Document>()
        .layer(TimingLayer::new(timing)) // the innermost: what the aggregate and the store take
        .layer(TimeoutLayer::new(Duration::from_secs(5)))
        .layer(checks())
        .layer(rules())
        .layer(AuditLayer::new(audit)) // the outermost: it sees what the others refuse
        .start()
        .await?;
    let press = Tenant::new("press")?;
    let (ann, bob) = (app.on_behalf_of(press.clone(), "ann@press"), app.on_behalf_of(press.clone(), "bob@press"));
    let eve = app.on_behalf_of(press, "eve@rivals");

    println!("ann drafts without a title: {}", draft(&ann, "").await);
    println!("ann drafts: {}", draft(&ann, "Rain").await);
    println!("ann publishes what she wrote: {}", publish(&ann).await);
    println!("eve of another house publishes: {}", publish(&eve).await);
    println!("bob publishes: {}", publish(&bob).await);
    println!("bob shreds, for which there is no rule: {}", status(bob.send(Shred { document: "news".into() }).await));
    Ok(())
}
