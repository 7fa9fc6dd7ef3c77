//! What stands under conditions: how it goes through the compiler, and what comes of it there.

use proc_macro2::TokenStream;
use quote::quote;

use super::pretty;

fn projection() -> TokenStream {
    crate::projection::attribute(
        quote!(name = "seen", crate = other),
        quote! {
            impl Seen {
                #[cfg(feature = "stock")]
                #[on]
                fn stock(&mut self, event: &StockEvent) {
                    self.stock += 1;
                }

                #[cfg_attr(feature = "orders", doc = "Of orders.", on)]
                #[inline]
                fn order(&mut self, event: &OrderEvent, #[cfg(feature = "keys")] key: &str) {
                    self.orders += 1;
                }

                #[cfg(feature = "help")]
                fn help() {}
            }
        },
    )
}

snapshot!(block_with_conditions, projection());

snapshot!(
    type_with_a_condition,
    crate::aggregate::attribute(
        quote!(id = u64, event = E),
        quote!(
            #[cfg(test)]
            struct Order;
        )
    )
);

snapshot!(
    block_that_conditions_left,
    // As the compiler gives it to the derive macro when there are stock and orders, and no keys.
    crate::conditional::derive(quote! {
        enum __Conditional {
            __Item = {
                #[projection(name = "seen", crate = other)]
                #[uncertain(stock on, order on, order key)]
                impl Seen {
                    #[on]
                    #[cfg(feature = "stock")]
                    fn stock(&mut self, event: &StockEvent) {}

                    #[doc = "Of orders."]
                    #[on]
                    #[inline]
                    fn order(&mut self, event: &OrderEvent, ) {}
                }
            }
        }
    })
);
