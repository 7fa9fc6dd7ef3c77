//! `crate = path` says where the facade is: expansions name nothing that is elsewhere.

use quote::quote;

/// Nothing is named but what is behind the given path.
#[test]
fn another_path_replaces_every_one() {
    let event = crate::event::derive(quote! {
        #[event(crate = other)]
        enum OrderEvent {
            Placed { #[tag] total: u64 },
        }
    });
    let command = crate::command::derive(quote! {
        #[command(crate = other)]
        struct PlaceOrder {
            #[id]
            order: String,
        }
    });
    let identity = crate::aggregate::attribute(
        quote!(id = u64, event = E, crate = other),
        quote!(
            struct Order;
        ),
    );
    let behaviour = crate::aggregate::attribute(
        quote!(crate = other),
        quote! {
            impl Order {
                #[prepare] async fn price(_: &P, _: &S) -> Result<u64, X> {}
                #[command] fn place(&self, _: P, _: &u64) -> Result<E, X> {}
                #[command(pub Pay)] fn pay(&self, total: u64) -> Result<E, X> {}
                #[event] fn evolve(&mut self, _: &E) {}
            }
        },
    );
    let projection = crate::projection::attribute(
        quote!(crate = other),
        quote! {
            impl View {
                #[on] fn on(&mut self, _: &E) {}
                #[key] fn key(_: &E) -> String {}
            }
        },
    );
    let sql = crate::projection::attribute(
        quote!(sqlite, crate = other),
        quote! {
            impl Sales {
                #[setup] fn tables(&self, _: &Transaction<'_>) -> Result<(), X> {}
                #[on] fn on(&self, _: &E, _: &Transaction<'_>) -> Result<(), X> {}
            }
        },
    );
    let steps = crate::saga::attribute(
        quote!(crate = other, deadline = "1h"),
        quote! {
            impl Checkout {
                #[start] fn begin(_: &E) -> Option<Self> {}
                #[key] fn key(_: &E) -> String {}
                #[step(retry(longest = "1s"))] async fn pay(&self, _: &S, _: &Call<Self>) -> R {}
                #[outcome(pay)] fn paid(&mut self, _: P) {}
                #[undo(pay)] async fn refund(&self) -> R {}
                #[wait] fn sent(_: &E) -> W {}
                #[failure(pay)] fn failed(&mut self, _: &F) {}
            }
        },
    );
    let reactions = crate::saga::attribute(
        quote!(crate = other, manual),
        quote! {
            impl Fulfilment {
                #[on] fn on(&mut self, _: &E) {}
                #[rejected] fn refused(&mut self, _: &C, _: &X) {}
            }
        },
    );
    for tokens in [event, command, identity, behaviour, projection, sql, steps, reactions] {
        let text = tokens.to_string();
        assert!(text.contains("other :: __private") && !text.contains("annals ::"), "{text}");
    }
}
