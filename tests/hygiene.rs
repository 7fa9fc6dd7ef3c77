//! Expansions name nothing that the user could have meant otherwise.
#![allow(dead_code, non_camel_case_types, reason = "what shadows is there to be in the way")]

#[path = "hygiene/generic.rs"]
mod generic;
#[path = "hygiene/locality.rs"]
mod locality;
#[path = "hygiene/no_prelude.rs"]
mod no_prelude;
#[path = "hygiene/parameters.rs"]
mod parameters;
#[path = "hygiene/raw.rs"]
mod raw;
#[path = "hygiene/shadowed.rs"]
mod shadowed;

/// The module where the crate root of another project re-exports us.
mod reexport {
    pub(crate) use annals as framework;
}

mod renamed {
    use super::reexport::framework::saga::{Failure, StepError};
    use super::reexport::framework::{Command, Event, aggregate, projection, saga};

    #[derive(Event)]
    #[event(crate = crate::reexport::framework)]
    enum OrderEvent {
        Placed { total: u64 },
    }

    #[derive(Command)]
    #[command(crate = crate::reexport::framework)]
    struct PlaceOrder {
        #[id]
        order: String,
    }

    #[aggregate(id = String, event = OrderEvent, crate = crate::reexport::framework)]
    #[derive(Default)]
    struct Order;

    #[aggregate(crate = crate::reexport::framework)]
    impl Order {
        #[command]
        fn place(&self, command: PlaceOrder) -> Result<OrderEvent, std::fmt::Error> {
            Ok(OrderEvent::Placed { total: command.order.len() as u64 })
        }

        #[command(PayOrder, name = "pay")]
        fn pay(&self, total: u64) -> Result<OrderEvent, std::fmt::Error> {
            Ok(OrderEvent::Placed { total })
        }

        #[event]
        fn evolve(&mut self, _event: &OrderEvent) {}
    }

    #[derive(Default, serde::Serialize, serde::Deserialize)]
    struct Revenue;

    #[projection(crate = crate::reexport::framework)]
    impl Revenue {
        #[on]
        fn order(&mut self, _event: &OrderEvent) {}
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Checkout;

    #[saga(crate = crate::reexport::framework)]
    impl Checkout {
        #[start]
        fn begin(_event: &OrderEvent) -> Option<Self> {
            None
        }

        #[step]
        fn place(&self) -> Option<PlaceOrder> {
            None
        }

        #[undo(place)]
        async fn take_back(&self, _service: &u64) -> Result<(), StepError<std::fmt::Error>> {
            Ok(())
        }

        #[failure]
        fn failed(&mut self, _failure: &Failure) {}
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Fulfilment;

    #[saga(crate = crate::reexport::framework, manual)]
    impl Fulfilment {
        #[on]
        fn order(&mut self, _event: &OrderEvent) {}

        #[rejected]
        fn refused(&mut self, _command: &PlaceOrder, _error: &std::fmt::Error) {}
    }
}
