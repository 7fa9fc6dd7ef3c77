//! What the macros generate for types with parameters, whose demands are made in functions.

use quote::quote;

use super::pretty;

snapshot!(
    event_with_parameters,
    crate::event::derive(quote! {
        #[event(name = T::NAME)]
        enum CatalogueEvent<T: Item = Book, K, const N: usize>
        where
            K: Key,
        {
            Listed {
                #[tag]
                key: Option<K>,
                item: T,
                #[serde(default, with = "tags")]
                tags: [T; N],
            },
            #[serde(bound(deserialize = "T::Price: Deserialize<'de>"))]
            Priced(Priced<T>),
            Cleared { by: PhantomData<Self> },
        }
    })
);

snapshot!(
    command_with_parameters,
    crate::command::derive(quote! {
        #[serde(default)]
        struct List<I, T = String> {
            #[id]
            id: Id<I>,
            item: T,
        }
    })
);

snapshot!(
    aggregate_type_with_parameters,
    crate::aggregate::attribute(
        quote!(id = LedgerId<C>, event = LedgerEvent<C>, category = C::CATEGORY),
        quote! {
            pub struct Ledger<C: Currency = Usd, const N: usize>
            where
                C: Kept,
            {
                sum: C::Amount,
            }
        }
    )
);

snapshot!(
    aggregate_impl_with_parameters,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl<C: Currency, const N: usize> Ledger<C, N>
            where
                C: Kept,
            {
                #[prepare]
                async fn rate(command: &Exchange<C, N>, rates: &Rates<C>) -> Result<u64, LedgerError> {
                    rates.today().await
                }

                #[command(pub Exchange)]
                fn exchange(&self, amount: C::Amount, rate: &u64) -> Result<Multi<Self>, LedgerError> {
                    Err(LedgerError)
                }

                /// It does not say of which ledger.
                #[command]
                fn freeze(&self, command: Freeze<C>) -> Result<LedgerEvent<C>, LedgerError> {
                    Err(LedgerError)
                }

                #[event]
                fn evolve(&mut self, event: &LedgerEvent<C>) {}
            }
        }
    )
);

snapshot!(
    aggregate_impl_with_parameters_after_an_error,
    crate::aggregate::attribute(
        quote!(),
        quote! {
            impl<C: Currency> Ledger<C> {
                #[command(pub Pay)]
                fn pay(&self, amount: u64) {}

                #[event]
                fn evolve(&mut self, event: &LedgerEvent<C>) {}
            }
        }
    )
);
