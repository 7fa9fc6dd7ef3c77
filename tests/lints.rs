//! Expansions raise no lint, however strict the crate around them is.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_lifetimes,
    single_use_lifetimes,
    redundant_lifetimes,
    unused_results,
    variant_size_differences,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    trivial_casts,
    trivial_numeric_casts,
    meta_variable_misuse,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    refining_impl_trait,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::clone_on_ref_ptr,
    clippy::default_trait_access,
    clippy::exhaustive_enums,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::min_ident_chars,
    clippy::missing_trait_methods,
    clippy::panic,
    clippy::pub_use,
    clippy::question_mark_used,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_char_lifetime_names,
    clippy::str_to_string,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::use_self,
    clippy::wildcard_enum_match_arm
)]
#![allow(
    clippy::exhaustive_enums,
    clippy::question_mark_used,
    clippy::missing_trait_methods,
    reason = "the user's own types are of this kind, or the lint has no exception for derived code"
)]

#[path = "lints/elsewhere.rs"]
pub mod elsewhere;
#[path = "lints/sales.rs"]
pub mod sales;

pub mod domain {
    //! Public, so that what is generated is public, too.

    use core::error::Error;
    use core::fmt;
    use std::collections::BTreeMap;

    use annals::saga::{Call, Failure, IdempotencyKey, Reaction, StepError};
    use annals::{Aggregate, Command, Context, Event, EventContext, Multi, aggregate, ensure, projection, saga};
    use serde::{Deserialize, Serialize};

    /// What can happen.
    #[derive(Clone, Debug, Event)]
    pub enum OrderEvent {
        /// It was placed.
        Placed {
            /// By whom.
            #[tag]
            customer: String,
            /// With what.
            #[tag]
            voucher: Option<u64>,
        },
        /// It was paid.
        #[deprecated(note = "is no longer used")]
        Paid,
        /// It was sent.
        Sent(Parcel),
    }

    /// What was sent.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    #[non_exhaustive]
    pub struct Parcel {
        /// Its number.
        pub number: u64,
    }

    /// Places an order.
    #[derive(Clone, Debug, Command)]
    #[non_exhaustive]
    pub struct PlaceOrder {
        /// Which.
        #[id]
        pub order: String,
        /// By whom.
        #[deprecated(note = "is no longer used")]
        pub customer: String,
    }

    /// Pays an order.
    #[derive(Clone, Debug, Command)]
    #[non_exhaustive]
    pub struct PayOrder {
        /// Which.
        #[id]
        pub order: String,
    }

    /// What can happen to a list of things.
    #[derive(Clone, Debug, Event)]
    #[non_exhaustive]
    pub enum ListEvent<T, const N: usize> {
        /// It was added.
        Added {
            /// Which.
            #[deprecated(note = "is no longer used")]
            item: T,
            /// Where.
            #[tag]
            key: Option<T>,
        },
        /// It was sent.
        Sent(BTreeMap<T, T>),
        /// It was emptied.
        #[deprecated(note = "is no longer used")]
        Emptied,
    }

    /// What has names of another style.
    #[expect(non_camel_case_types, reason = "the words of another system")]
    #[derive(Clone, Debug, Event)]
    #[non_exhaustive]
    pub enum foreignEvent {
        /// It happened.
        #[event(name = "happened")]
        #[expect(non_snake_case, reason = "the words of another system")]
        Happened {
            /// Where.
            #[allow(clippy::absolute_paths, reason = "it is a field")]
            wHERE: std::collections::BTreeSet<u8>,
        },
    }

    /// Adds to a list.
    #[derive(Clone, Debug, Command)]
    #[non_exhaustive]
    pub struct Add<I, T, const N: usize> {
        /// To which.
        #[id]
        pub list: I,
        /// What.
        #[serde(default)]
        pub item: Vec<T>,
    }

    /// An order.
    #[aggregate(id = String, event = OrderEvent)]
    #[derive(Clone, Debug, Default)]
    #[non_exhaustive]
    pub struct Order;

    /// No.
    #[derive(Clone, Copy, Debug)]
    #[non_exhaustive]
    pub struct No;

    impl fmt::Display for No {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("no")
        }
    }

    impl Error for No {}

    #[derive(Debug, Command)]
    struct Hidden {
        #[id]
        order: String,
    }

    /// What happened once.
    #[deprecated(note = "is no longer used")]
    #[derive(Clone, Copy, Debug, Event)]
    #[non_exhaustive]
    pub enum OldEvent {
        /// It happened.
        Happened,
    }

    /// What was sent once.
    #[deprecated(note = "is no longer used")]
    #[derive(Clone, Copy, Debug, Command)]
    #[non_exhaustive]
    pub struct OldCommand {
        /// Which.
        #[id]
        pub order: u64,
    }

    #[aggregate(part = archive)]
    impl Order {
        /// Archives an order.
        #[command(pub ArchiveOrder, derive(Clone, Debug))]
        #[non_exhaustive]
        fn archive(&self) -> Result<[OrderEvent; 0], No> {
            Ok([])
        }
    }

    #[aggregate(parts(archive))]
    impl Order {
        #[command]
        fn hide(&self, command: Hidden) -> Result<Vec<OrderEvent>, No> {
            drop(command.order);
            Err(No)
        }

        #[prepare]
        async fn price(_command: &PlaceOrder, price: &u64) -> Result<u64, No> {
            Ok(*price)
        }

        #[command]
        fn place(&self, command: PlaceOrder, _price: &u64, _context: &Context) -> Result<OrderEvent, No> {
            #[expect(deprecated, reason = "it is still there")]
            let customer = command.customer;
            Ok(OrderEvent::Placed { customer, voucher: None })
        }

        #[command]
        fn pay(&self, _command: &PayOrder) -> Result<Multi<Self>, No> {
            Multi::of(self).then(|_order| Ok::<_, No>([]))
        }

        /// Sends an order.
        #[command(pub SendOrder, derive(Clone, Debug))]
        #[non_exhaustive]
        fn send(
            &self,
            id: &str,
            by: String,
            /// How heavy.
            weight: Option<u64>,
            _context: &Context,
        ) -> Result<OrderEvent, No> {
            ensure!(weight.is_some() && id == by, No);
            Ok(OrderEvent::Sent(Parcel { number: 1 }))
        }

        /// Forgets an order.
        #[command(pub(crate) ForgetOrder)]
        fn forget(&self) -> Result<[OrderEvent; 0], No> {
            Ok([])
        }

        #[event]
        fn evolve(&mut self, _event: &OrderEvent) {}
    }

    /// What was earned.
    #[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
    #[non_exhaustive]
    pub struct Revenue;

    #[projection]
    impl Revenue {
        #[on]
        fn order(&mut self, _event: &OrderEvent, _context: &EventContext<'_>) {}

        #[key]
        fn order_key(event: &OrderEvent) -> Option<String> {
            match event {
                OrderEvent::Placed { customer, .. } => Some(customer.clone()),
                #[expect(deprecated, reason = "it is still there")]
                OrderEvent::Sent(_) | OrderEvent::Paid => None,
            }
        }
    }

    /// What a checkout knows.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[non_exhaustive]
    pub struct Checkout {
        /// Of which order.
        pub order: String,
    }

    #[saga(version = 2, deadline = "1h")]
    impl Checkout {
        #[start]
        fn begin(event: &OrderEvent, context: &EventContext<'_>) -> Option<Self> {
            let OrderEvent::Placed { .. } = event else { return None };
            Some(Self { order: context.stream_id().to_owned() })
        }

        #[expect(deprecated, reason = "it is still there")]
        #[start]
        fn begin_as_once(_event: &OldEvent) -> Option<Self> {
            None
        }

        #[expect(deprecated, reason = "it is still there")]
        #[key]
        fn old_key(_event: &OldEvent) -> Option<String> {
            None
        }

        #[step]
        fn pay(&self) -> Vec<PayOrder> {
            vec![PayOrder { order: self.order.clone() }]
        }

        #[undo(pay)]
        fn pay_back(&self) -> Option<PayOrder> {
            None
        }

        #[step(timeout = "1s", retry(attempts = 3, initial = "1ms"))]
        async fn book(&self, price: &u64, call: &Call<Self>, _key: IdempotencyKey) -> Result<u64, StepError<No>> {
            if call.attempt() > 1 { Err(StepError::Rejected(No)) } else { Ok(*price) }
        }

        #[outcome(book)]
        fn booked(&mut self, _price: &u64) {}

        #[undo(book)]
        async fn cancel_booking(&self) -> Result<(), StepError<No>> {
            Ok(())
        }

        #[wait(or_after = "1d")]
        fn sent(event: &OrderEvent) -> Option<Result<u64, No>> {
            let OrderEvent::Sent(parcel) = event else { return None };
            Some(Ok(parcel.number))
        }

        #[outcome(sent)]
        fn noted(&mut self, _number: Option<u64>) {}

        #[failure(pay)]
        fn not_paid(&mut self, _failure: &Failure) {}

        #[failure]
        fn failed(&mut self, _failure: &Failure) {}
    }

    /// What is known of an order that is being sent.
    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    #[non_exhaustive]
    pub struct Sending;

    #[saga(manual)]
    impl Sending {
        #[on]
        fn order(&mut self, _event: &OrderEvent, _context: &EventContext<'_>) -> Reaction {
            Reaction::new()
        }

        #[on]
        #[expect(deprecated, reason = "it is still there")]
        fn once(&mut self, _event: &OldEvent) -> [PayOrder; 0] {
            []
        }

        #[rejected]
        fn refused(&mut self, _command: &PayOrder, _error: &No) {}
    }

    /// The category of an aggregate.
    #[must_use]
    pub const fn category<A: Aggregate>() -> &'static str {
        A::CATEGORY
    }
}

#[test]
fn the_strict_crate_compiles() {
    assert_eq!(domain::category::<domain::Order>(), "order");
}
