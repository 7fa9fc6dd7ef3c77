//! The book of Annals: each chapter as a module, so that `cargo test --doc -p annals-book` compiles and runs every example in it.
//!
//! Readers find the chapters in `docs/book/src`, or as a book with `mdbook build docs/book`.

#![deny(missing_docs)]
#![allow(clippy::test_attr_in_doctest, reason = "the chapters show how tests are written, and hidden lines run them")]

/// Declares chapters: the module `name` holds `src/name.md`.
macro_rules! chapters {
    ($($name:ident),* $(,)?) => {
        $(
            #[doc = include_str!(concat!("src/", stringify!($name), ".md"))]
            pub mod $name {}
        )*

        /// Their names and texts.
        const CHAPTERS: &[(&str, &str)] = &[
            $((stringify!($name), include_str!(concat!("src/", stringify!($name), ".md")))),*
        ];
    };
}

chapters! {
    introduction,
    why,
    first_aggregate,
    commands,
    testing,
    projections,
    sagas,
    reactions,
    interceptors,
    larger_domains,
    stores,
    evolution,
    operating,
    diagrams,
    guarantees,
    from_cqrs_es,
    from_disintegrate,
    from_elsewhere,
    errors,
    glossary,
}

#[allow(missing_docs, missing_debug_implementations, reason = "it is explained in the chapter that shows it")]
#[path = "domain/account.rs"]
pub mod account;

#[allow(missing_docs, missing_debug_implementations, reason = "it is explained in the chapter that shows it")]
#[path = "domain/shop.rs"]
pub mod shop;

#[allow(missing_docs, missing_debug_implementations, reason = "it is explained in the chapter that shows it")]
#[path = "domain/checkout.rs"]
pub mod checkout;

/// A bank that has started on a store in memory, for examples that begin there.
///
/// # Errors
/// If it does not start, which is a defect of the example.
pub async fn bank() -> Result<annals::App, Box<dyn std::error::Error>> {
    let store = annals::connect("memory:").await?;
    Ok(annals::App::new(store).aggregate::<account::Account>().projection::<account::Totals>().start().await?)
}

/// Holds a chapter to what is drawn: the diagram is one of those in the chapter `name`, line for line.
///
/// # Panics
/// If it is not.
pub fn assert_drawn(name: &str, diagram: &str) {
    let shown = chapter(name).split("\n```mermaid\n").skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0));
    let shown: Vec<_> = shown.collect();
    assert!(shown.contains(&diagram.trim_end()), "`{name}.md` shows another diagram than is drawn:\n{diagram}");
}

/// Holds a chapter to what a program really says: `text` must be in the chapter `name`, however its lines are broken.
///
/// # Panics
/// If it is not.
pub fn assert_shown(name: &str, text: &str) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(chapter(name)).contains(&words(text)), "`{name}.md` does not show what is said:\n{text}");
}

fn chapter(name: &str) -> &'static str {
    CHAPTERS.iter().find(|(chapter, _)| *chapter == name).map_or("", |(_, text)| text)
}
