//! What a failed test says: `tests/snapshots/messages__*.snap`, to be read as by somebody who has never seen it.

mod failing;

use std::cell::Cell;

use annals::Timestamp;
use annals::prelude::*;
use annals_testing::{Given, given_projection};
use failing::failure;
use serde::{Deserialize, Serialize};

macro_rules! snapshot {
    ($name:ident, $test:expr) => {
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(failure(|| drop($test)));
            });
        }
    };
}

#[derive(Event)]
enum CartEvent {
    Opened {
        #[tag]
        customer: String,
    },
    Added {
        product: String,
        price: Price,
    },
    Emptied,
}

#[derive(Clone, Serialize, Deserialize)]
struct Price {
    amount: u64,
    currency: String,
}

#[derive(Command)]
struct Add {
    #[id]
    cart: String,
    product: String,
    quantity: usize,
}

#[derive(Command)]
struct Empty {
    #[id]
    cart: String,
}

#[derive(Debug, thiserror::Error)]
enum CartError {
    #[error("there is no room for {wanted} more")]
    Full { wanted: usize },
    #[error("the cart is not open")]
    NotOpen,
}

#[aggregate(id = String, event = CartEvent)]
#[derive(Default)]
struct Cart {
    is_open: bool,
    items: usize,
}

#[aggregate]
impl Cart {
    #[command]
    fn add(&self, command: Add) -> Result<Vec<CartEvent>, CartError> {
        if !self.is_open {
            return Err(CartError::NotOpen);
        }
        if self.items + command.quantity > 3 {
            return Err(CartError::Full { wanted: command.quantity });
        }
        Ok(std::iter::repeat_with(|| added(&command.product, 10)).take(command.quantity).collect())
    }

    #[command]
    fn empty(&self, command: Empty) -> Result<CartEvent, CartError> {
        thread_local!(static TURN: Cell<u64> = const { Cell::new(0) });
        if command.cart == "impure" {
            TURN.set(TURN.get() + 1);
            return Ok(added("turn", TURN.get()));
        }
        Ok(CartEvent::Emptied)
    }

    #[event]
    fn evolve(&mut self, event: &CartEvent) {
        match event {
            CartEvent::Opened { .. } => self.is_open = true,
            CartEvent::Added { .. } => self.items += 1,
            CartEvent::Emptied => self.items = 0,
        }
    }
}

fn opened() -> CartEvent {
    CartEvent::Opened { customer: "Ada".into() }
}

fn added(product: &str, amount: u64) -> CartEvent {
    CartEvent::Added { product: product.into(), price: Price { amount, currency: "KRW".into() } }
}

fn add(quantity: usize) -> Add {
    Add { cart: "C-1".into(), product: "tea".into(), quantity }
}

fn open() -> Given<Cart> {
    Given::events([opened()])
}

snapshot!(an_event_with_another_content, open().when(add(1)).then([added("tea", 12)]));
snapshot!(
    events_that_are_missing_changed_or_too_many,
    open().when(add(3)).then([CartEvent::Emptied, added("tea", 10), added("coffee", 10), opened()])
);
snapshot!(something_happens_where_nothing_should, open().when(add(1)).then_nothing());
snapshot!(nothing_happens_where_something_should, open().when(add(0)).then([added("tea", 10)]));
snapshot!(a_rejected_command, Given::<Cart>::nothing().when(add(1)).then([added("tea", 10)]));
snapshot!(a_command_that_should_be_rejected, open().when(add(1)).then_rejected(CartError::NotOpen));
snapshot!(another_rejection, open().when(add(4)).then_rejected(CartError::Full { wanted: 5 }));
snapshot!(a_decision_that_is_not_pure, open().when(Empty { cart: "impure".into() }).then_nothing());
snapshot!(a_second_command_at_a_moment, {
    let noon = Timestamp::from_micros(1_767_268_800_000_000);
    open().when(add(2)).then([added("tea", 10), added("tea", 10)]).at(noon).when(add(2)).then_nothing()
});

#[derive(Default, Serialize, Deserialize)]
struct Sales {
    sold: u64,
    products: Vec<String>,
}

#[projection]
impl Sales {
    #[on]
    fn cart(&mut self, event: &CartEvent) {
        if let CartEvent::Added { product, price } = event {
            self.sold += price.amount;
            self.products.push(product.clone());
        }
    }

    #[key]
    fn customer(event: &CartEvent) -> Option<String> {
        match event {
            CartEvent::Opened { customer } => Some(customer.clone()),
            CartEvent::Added { .. } => Some("all".into()),
            CartEvent::Emptied => None,
        }
    }
}

fn sales() -> annals_testing::GivenProjection<Sales> {
    given_projection::<Sales>().events_of::<Cart>(&"C-1".to_owned(), [opened(), added("tea", 10), CartEvent::Emptied])
}

snapshot!(a_document_with_another_content, sales().then_is("all", &Sales { sold: 12, products: vec!["coffee".into()] }));
snapshot!(a_document_that_is_not_there, sales().then_document("some", |_| {}));
snapshot!(a_document_that_should_not_be_there, sales().then_no_document("all"));
snapshot!(documents_with_other_keys, sales().then_keys(["all", "some"]));
snapshot!(an_event_that_a_projection_leaves_out, {
    let stream = annals::StreamId::new("$system", "1").unwrap();
    given_projection::<Sales>().events(stream, [added("tea", 10)]).then_single(|_| {})
});
