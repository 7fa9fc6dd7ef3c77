//! How much the macros generate for each line that is written. `cargo nextest run -p annals-macros size --no-capture` prints
//! the table.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

/// The domain of the examples: events, a command, an aggregate and a projection.
const ACCOUNT: &str = include_str!("../../runtime/doc/account.rs");

/// A saga with seven steps.
const CHECKOUT: &str = include_str!("../../examples/order_saga/checkout.rs");

/// What is generated for the example may not grow beyond so many lines for each that is written.
const LIMIT: f64 = 8.25;

/// The same for the saga.
const SAGA_LIMIT: f64 = 2.5;

/// The macros of an item, and what each of them generates besides the item.
fn expansions(item: &Item) -> Vec<(&'static str, TokenStream)> {
    let (attributes, rest) = split(item);
    let mut expansions = Vec::new();
    for attribute in &attributes {
        let arguments = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        match attribute.path().segments.last().map(|word| word.ident.to_string()).as_deref() {
            Some("derive") => {
                let derives = arguments.to_string();
                if derives.contains("Event") {
                    expansions.push(("Event", crate::event::derive(item.to_token_stream())));
                }
                if derives.contains("Command") {
                    expansions.push(("Command", crate::command::derive(item.to_token_stream())));
                }
            }
            Some("aggregate") => expansions.push(("aggregate", crate::aggregate::attribute(arguments, rest.clone()))),
            Some("saga") => expansions.push(("saga", crate::saga::attribute(arguments, rest.clone()))),
            Some("projection") => expansions.push(("projection", crate::projection::attribute(arguments, rest.clone()))),
            _ => {}
        }
    }
    expansions
}

/// The attributes of an item, and the item without those of Annals.
fn split(item: &Item) -> (Vec<Attribute>, TokenStream) {
    let mut item = item.clone();
    let attributes = match &mut item {
        Item::Enum(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        _ => return (Vec::new(), TokenStream::new()),
    };
    let all = attributes.clone();
    attributes.retain(|attribute| attribute.path().is_ident("derive"));
    (all, item.into_token_stream())
}

fn lines(tokens: TokenStream) -> usize {
    let file = syn::parse2(tokens).expect("the expansion is a list of items");
    prettyplease::unparse(&file).lines().filter(|line| !line.trim().is_empty()).count()
}

/// How many lines are generated for each that is written.
fn ratio(source: &str) -> f64 {
    let file = syn::parse_file(source).expect("the example is Rust");
    let (mut all_written, mut all_generated) = (0, 0);
    println!("{:<12} {:>8} {:>10}", "", "written", "generated");
    for item in &file.items {
        for (name, expansion) in expansions(item) {
            let written = lines(item.to_token_stream());
            // An attribute macro gives the item back.
            let returned = if matches!(name, "Event" | "Command") { 0 } else { lines(split(item).1) };
            let generated = lines(expansion) - returned;
            println!("{name:<12} {written:>8} {generated:>10}");
            all_written += written;
            all_generated += generated;
        }
    }
    let ratio = f64::from(u32::try_from(all_generated).unwrap()) / f64::from(u32::try_from(all_written).unwrap());
    println!("{:<12} {all_written:>8} {all_generated:>10}   {ratio:.1} for each line", "all");
    assert!(all_written > 30, "the example is a real one");
    ratio
}

#[test]
fn an_expansion_stays_in_proportion() {
    let ratio = ratio(ACCOUNT);
    assert!(ratio <= LIMIT, "{ratio:.2} generated lines for each that is written, the limit is {LIMIT}");
}

#[test]
fn a_saga_stays_in_proportion() {
    let ratio = ratio(CHECKOUT);
    assert!(ratio <= SAGA_LIMIT, "{ratio:.2} generated lines for each that is written, the limit is {SAGA_LIMIT}");
}
