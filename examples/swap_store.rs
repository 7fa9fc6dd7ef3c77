//! One domain on every store: nothing in it knows which one it is.
//!
//! ```text
//! cargo run --example swap_store                               # each store that this program has
//! cargo run --example swap_store -- memory: sqlite:library.db  # these
//! ```

use std::error::Error;
use std::time::Duration;

use annals::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Event)]
enum BookEvent {
    Lent { to: String },
    Returned,
}

#[derive(Command)]
struct Lend {
    #[id]
    book: String,
    to: String,
}

#[derive(Command)]
struct Return {
    #[id]
    book: String,
}

#[derive(Debug, thiserror::Error)]
enum BookError {
    #[error("{0} has it")]
    Away(String),
    #[error("it is here")]
    Here,
}

#[aggregate(id = String, event = BookEvent)]
#[derive(Default)]
struct Book {
    reader: Option<String>,
}

#[aggregate]
impl Book {
    #[command]
    fn lend(&self, command: Lend) -> Result<BookEvent, BookError> {
        match &self.reader {
            Some(reader) => Err(BookError::Away(reader.clone())),
            None => Ok(BookEvent::Lent { to: command.to }),
        }
    }

    #[command]
    fn take_back(&self, _command: Return) -> Result<BookEvent, BookError> {
        if self.reader.is_some() { Ok(BookEvent::Returned) } else { Err(BookError::Here) }
    }

    #[event]
    fn evolve(&mut self, event: &BookEvent) {
        self.reader = match event {
            BookEvent::Lent { to } => Some(to.clone()),
            BookEvent::Returned => None,
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Popularity {
    lent: u64,
}

#[projection(per_stream)]
impl Popularity {
    #[on]
    fn book(&mut self, event: &BookEvent) {
        if let BookEvent::Lent { .. } = event {
            self.lent += 1;
        }
    }
}

/// The store is this one argument.
async fn run(url: &str) -> Result<String, Box<dyn Error>> {
    let store = annals::connect(url).await?;
    let app = App::new(store).aggregate::<Book>().projection::<Popularity>().start().await?;
    // A store that is kept may hold a book of an earlier run: each run has its own.
    let book = format!("momo-{}", app.env().uuid());
    app.send(Lend { book: book.clone(), to: "ann".into() }).await?;
    let refused = app.send(Lend { book: book.clone(), to: "bob".into() }).await.err().map(|error| error.to_string());
    app.send(Return { book: book.clone() }).await?;
    let receipt = app.send(Lend { book: book.clone(), to: "bob".into() }).await?;
    let popularity = app.view::<Popularity>()?.at_least(&receipt).await?.get(&book).await?.unwrap_or_default();
    let reader = app.load::<Book>(&book).await?.state.reader;
    app.shutdown(Duration::from_secs(5)).await;
    let (refused, reader) = (refused.unwrap_or_default(), reader.unwrap_or_default());
    Ok(format!("lent {} times, now to {reader}; {refused}; version {}", popularity.lent, receipt.version))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let file = std::env::temp_dir().join("annals-swap-store.db");
        urls = vec!["memory:".to_owned(), format!("sqlite:{}", file.display())];
    }
    for url in urls {
        println!("{}\n  {url}", run(&url).await?);
    }
    Ok(())
}
