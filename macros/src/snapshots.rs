//! What the macros generate, pretty-printed and reviewed like code: `src/snapshots/*.snap`.

use proc_macro2::TokenStream;
use quote::quote;

fn pretty(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    syn::parse2(tokens).map_or_else(|error| format!("{error}: {text}"), |file| prettyplease::unparse(&file))
}

macro_rules! snapshot {
    ($name:ident, $tokens:expr) => {
        #[test]
        fn $name() {
            let snapshot_path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/snapshots");
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => snapshot_path }, {
                insta::assert_snapshot!(pretty($tokens));
            });
        }
    };
}

mod conditional;
mod with_parameters;

snapshot!(
    event,
    crate::event::derive(quote! {
        #[derive(Event)]
        #[serde(rename_all_fields = "camelCase", deny_unknown_fields)]
        pub enum OrderEvent {
            #[event(version = 2, upcast = [add_currency])]
            Placed {
                #[tag]
                customer: String,
                #[tag(key = "voucher")]
                code: Option<u64>,
                #[serde(default)]
                total: u64,
            },
            #[event(name = "shipping.sent", alias = "order.sent")]
            Sent(Parcel),
            Cancelled,
        }
    })
);

snapshot!(
    event_after_an_error,
    crate::event::derive(quote!(
        enum OrderEvent<T> {
            Placed(String, T),
        }
    ))
);

snapshot!(
    command,
    crate::command::derive(quote! {
        #[command(name = "order.place")]
        #[serde(rename_all = "camelCase")]
        pub struct PlaceOrder {
            #[id]
            pub order: String,
            #[serde(default)]
            total: u64,
        }
    })
);

snapshot!(
    command_after_an_error,
    crate::command::derive(quote! {
        struct PlaceOrder { order: String }
    })
);

snapshot!(
    aggregate_type,
    crate::aggregate::attribute(
        quote!(id = OrderId, event = OrderEvent),
        quote! {
            #[derive(Default)]
            pub struct PurchaseOrder;
        }
    )
);

snapshot!(
    aggregate_impl,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl Order {
                #[prepare]
                async fn price(command: &PlaceOrder, catalogue: &Catalogue) -> Result<u64, OrderError> {
                    catalogue.price(command).await
                }

                /// Places it.
                #[command]
                pub fn place(&self, command: PlaceOrder, price: &u64, context: &Context) -> Result<OrderEvent, OrderError> {
                    Ok(OrderEvent::Placed { total: command.total * price })
                }

                #[command(foreign)]
                fn pay(&self, command: &PayOrder) -> Result<Multi<Self>, OrderError> {
                    Err(OrderError)
                }

                #[event]
                fn evolve(&mut self, event: &OrderEvent) {}

                fn helper(&self) {}
            }
        }
    )
);

snapshot!(
    aggregate_impl_that_declares,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl Order {
                /// Places it.
                #[command(pub PlaceOrder, name = "place", derive(Debug))]
                #[serde(rename_all = "camelCase")]
                fn place(
                    &self,
                    id: &OrderId,
                    #[serde(default)] mut total: u64,
                    /// Who asks for it.
                    _customer: String,
                    context: &Context,
                ) -> Result<OrderEvent, OrderError> {
                    Ok(OrderEvent::Placed { total })
                }

                #[event]
                fn evolve(&mut self, event: &OrderEvent) {}
            }
        }
    )
);

snapshot!(
    aggregate_impl_with_parts,
    crate::aggregate::attribute(
        quote!(parts(pricing, shipping)),
        quote! {
            impl Order {
                #[event]
                fn evolve(&mut self, event: &OrderEvent) {}
            }
        }
    )
);

snapshot!(
    aggregate_impl_of_a_part,
    crate::aggregate::attribute(
        quote!(part = pricing),
        quote! {
            impl Order {
                #[command]
                fn price(&self, command: Price) -> Result<OrderEvent, OrderError> {
                    Ok(OrderEvent::Priced)
                }
            }
        }
    )
);

snapshot!(
    aggregate_impl_after_an_error,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl Order {
                #[command]
                fn place(&mut self, command: PlaceOrder) -> Result<OrderEvent, OrderError> {
                    Err(OrderError)
                }

                #[event]
                fn evolve(&mut self, event: &OrderEvent) {}
            }
        }
    )
);

snapshot!(
    projection_of_one_document,
    crate::projection::attribute(
        quote!(),
        quote! {
            impl Revenue {
                #[on]
                fn order(&mut self, event: &OrderEvent) {}
            }
        }
    )
);

snapshot!(
    projection_per_stream,
    crate::projection::attribute(
        quote!(per_stream),
        quote! {
            impl Revenue {
                #[on]
                fn order(&mut self, event: &OrderEvent, context: &EventContext<'_>) {}
            }
        }
    )
);

snapshot!(
    projection_with_keys,
    crate::projection::attribute(
        quote!(name = "customers", version = 3),
        quote! {
            impl Customer {
                #[on]
                fn order(&mut self, event: &OrderEvent) {}

                #[key]
                fn of_order(event: &OrderEvent) -> Option<String> {
                    None
                }

                #[on]
                fn stock(&mut self, event: &StockEvent) {}

                #[key]
                fn of_stock(event: &StockEvent, context: &EventContext<'_>) -> String {
                    String::new()
                }
            }
        }
    )
);

snapshot!(
    projection_in_sql,
    crate::projection::attribute(
        quote!(sqlite, version = 2),
        quote! {
            impl Sales {
                #[setup]
                fn tables(tx: &Transaction<'_>) -> Result<(), Error> {
                    tx.execute_batch("create table sale (total integer)")
                }

                #[on]
                fn order(&self, event: &OrderEvent, context: &EventContext<'_>, tx: &Transaction<'_>) -> Result<(), Error> {
                    Ok(())
                }
            }
        }
    )
);

snapshot!(projection_after_an_error, crate::projection::attribute(quote!(), quote!(impl Revenue {})));

snapshot!(projection_in_sql_after_an_error, crate::projection::attribute(quote!(sqlite), quote!(impl Sales {})));

snapshot!(
    saga_of_steps,
    crate::saga::attribute(
        quote!(deadline = "30m", version = 2),
        quote! {
            impl Checkout {
                #[start]
                fn begin(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
                    None
                }

                #[step]
                fn reserve(&self) -> Vec<Reserve> {
                    Vec::new()
                }

                #[undo(reserve)]
                fn release(&self) -> Vec<Release> {
                    Vec::new()
                }

                #[step(name = "pay", timeout = "10s", retry(attempts = 5, initial = "10ms"))]
                async fn charge(&self, gateway: &Gateway, key: IdempotencyKey) -> Result<PaymentId, StepError<Declined>> {
                    gateway.charge(key).await
                }

                #[outcome(charge)]
                fn charged(&mut self, payment: PaymentId) {}

                #[undo(charge)]
                async fn refund(&self, call: &Call<Self>) -> Result<(), StepError<Infallible>> {
                    Ok(())
                }

                #[wait(or_after = "14d", pivot)]
                fn confirmed(event: &PaymentEvent) -> Option<Result<Receipt, Refused>> {
                    None
                }

                #[key]
                fn order_of(event: &PaymentEvent) -> Option<String> { None }

                #[failure(reserve)]
                fn not_reserved(&mut self, failure: &Failure) {}
                #[rejected(charge)]
                fn declined(&mut self, no: &Failure) {}
            }
        }
    )
);

snapshot!(
    saga_of_reactions,
    crate::saga::attribute(
        quote!(),
        quote! {
            impl Fulfilment {
                #[start]
                fn begin(event: &OrderEvent) -> Option<Self> {
                    None
                }

                #[on]
                fn placed(&mut self, event: &OrderEvent) -> Option<Reserve> {
                    None
                }

                #[on]
                fn stock(&mut self, event: &StockEvent, context: &EventContext<'_>) {}

                #[key]
                fn order_of(event: &StockEvent, context: &EventContext<'_>) -> String {
                    String::new()
                }

                #[rejected]
                fn no_stock(&mut self, command: &Reserve, error: &OutOfStock) -> CancelOrder {
                    CancelOrder
                }
            }
        }
    )
);

snapshot!(saga_after_an_error, crate::saga::attribute(quote!(), quote!(impl Checkout {})));

snapshot!(
    what_cannot_be_read_is_given_back_without_marks,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl Trait for Order {
                #[command]
                fn place(&self) { #[allow(unused)] let x = [1]; }
            }
        }
    )
);
