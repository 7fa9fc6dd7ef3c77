//! A condition stands before the macro or after it, on a type, on a block or inside of it, and says whatever it likes.

use annals::prelude::*;
use annals::{Behaviour, Projection};

use super::world::OrderEvent;

mod of_types {
    use super::*;

    #[cfg(any())]
    #[aggregate(id = String, event = NotHere)]
    struct Before;

    #[aggregate(id = String, event = NotHere)]
    #[cfg(any())]
    struct After;

    #[aggregate(id = String, event = NotHere)]
    #[cfg_attr(all(), derive(NotHere), cfg(any()))]
    struct Inside;

    #[aggregate(id = String, event = OrderEvent)]
    #[cfg(feature = "sqlite")]
    #[cfg_attr(all(), derive(Debug, Default))]
    pub(super) struct There;

    #[aggregate]
    impl There {
        #[event]
        fn evolve(&mut self, _: &OrderEvent) {}
    }
}

mod of_blocks {
    use super::*;

    #[aggregate]
    #[cfg(any())]
    impl NotHere {}

    #[projection]
    #[cfg(any())]
    impl NotHere {}

    #[projection(sqlite)]
    #[cfg_attr(all(), cfg(any()))]
    impl NotHere {}

    #[saga]
    #[cfg(any())]
    impl NotHere {}

    #[derive(Default, serde::Serialize, serde::Deserialize)]
    pub(super) struct Seen;

    // Of two blocks one is there.
    #[projection(name = "seen_with")]
    #[cfg(feature = "sqlite")]
    impl Seen {
        #[on]
        fn order(&mut self, _: &OrderEvent) {}
    }

    #[projection(name = "seen_without")]
    #[cfg(not(feature = "sqlite"))]
    impl Seen {
        #[on]
        fn order(&mut self, _: &OrderEvent) {}
    }
}

#[test]
fn a_condition_may_stand_after_the_macro() {
    assert_eq!(of_types::There::CATEGORY, "there");
    assert_eq!(of_blocks::Seen::NAME, "seen_with");
}

/// The crate's own path is said to the block, and everything is local.
#[test]
fn a_block_with_conditions_may_stand_in_a_function() {
    mod elsewhere {
        pub(super) use annals as framework;
    }
    use elsewhere::framework;

    #[aggregate(id = String, event = OrderEvent, crate = framework)]
    #[cfg(feature = "sqlite")]
    #[derive(Debug, Default)]
    struct Local;

    #[aggregate(crate = framework)]
    impl Local {
        #[cfg(feature = "sqlite")]
        #[command(Open, derive(Debug))]
        fn open(&self, r#type: u8) -> Result<OrderEvent, std::convert::Infallible> {
            assert_eq!(r#type, 1);
            Ok(OrderEvent::Placed)
        }

        #[cfg(not(feature = "sqlite"))]
        #[command(OpenWithout)]
        fn open(&self) -> NotHere {}

        #[cfg_attr(feature = "sqlite", inline, framework::event)]
        fn evolve(&mut self, _: &OrderEvent) {}
    }

    assert_eq!(Local::COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>(), ["open"]);
    assert_eq!(Open { id: "A".into(), r#type: 1 }.encode().unwrap().data, r#"{"id":"A","type":1}"#);
    assert_eq!(Local.open(1), Ok(OrderEvent::Placed));
}
