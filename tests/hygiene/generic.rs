//! The parameters of an aggregate have the names of what expansions use.

use annals::{Behaviour, Command, Event, aggregate};

#[derive(Event)]
pub(crate) enum OrderEvent<Event, E>
where
    E: ToString,
{
    Placed {
        #[tag]
        e: E,
        event: Event,
    },
}

#[derive(Command)]
pub(crate) struct PlaceOrder<Vec, Result> {
    #[id]
    id: String,
    rest: (Vec, Result),
}

#[aggregate(id = String, event = OrderEvent<Option, Result>, category = "order")]
pub(crate) struct Order<Result: ToString, Option, const N: usize>([std::marker::PhantomData<(Result, Option)>; N]);

impl<R: ToString, O, const N: usize> Default for Order<R, O, N> {
    fn default() -> Self {
        Self([std::marker::PhantomData; N])
    }
}

type Text = String;

#[aggregate]
impl<Result: ToString, Option, const LIMIT: usize> Order<Result, Option, LIMIT>
where
    Option: Clone,
{
    #[command]
    fn place(&self, command: PlaceOrder<Option, Result>) -> std::result::Result<OrderEvent<Option, Result>, std::fmt::Error> {
        let (event, e) = command.rest;
        Ok(OrderEvent::Placed { e, event })
    }

    #[prepare]
    async fn price(_command: &PayOrder<Result, Option, LIMIT>, price: &u64) -> std::result::Result<u64, std::fmt::Error> {
        Ok(*price)
    }

    #[command(pub(crate) PayOrder)]
    fn pay(
        &self,
        id: &str,
        command: Option,
        facts: Result,
        price: &u64,
    ) -> std::result::Result<std::vec::Vec<OrderEvent<Option, Result>>, std::fmt::Error> {
        let is_free = *price == 0 && id.is_empty();
        Ok((!is_free).then_some(OrderEvent::Placed { e: facts, event: command }).into_iter().collect())
    }

    #[event]
    fn evolve(&mut self, event: &OrderEvent<Option, Result>) {
        let OrderEvent::Placed { .. } = event;
    }
}

mod others {
    //! The words of the engine.

    use super::{Behaviour, Text, aggregate};

    #[derive(annals::Event)]
    pub(super) enum Happened<Aggregate> {
        Happened { aggregate: Aggregate },
    }

    #[aggregate(id = Text, event = Happened<Handle>, category = "other")]
    #[derive(Default)]
    pub(super) struct Other<Handle, Default>(std::marker::PhantomData<(Handle, Default)>);

    #[aggregate]
    impl<Aggregate, Routed> Other<Aggregate, Routed> {
        #[command(Evolve)]
        fn decide(&self, handle: Aggregate) -> Result<Happened<Aggregate>, std::convert::Infallible> {
            Ok(Happened::Happened { aggregate: handle })
        }

        #[event]
        fn evolve(&mut self, _event: &Happened<Aggregate>) {}
    }

    pub(super) fn names<B: Behaviour>() -> Vec<&'static str> {
        B::COMMANDS.iter().map(|command| command.name).collect()
    }
}

#[test]
fn they_stand_for_what_the_user_says() {
    assert_eq!(others::names::<Order<u8, u8, 3>>(), ["place_order", "pay_order"]);
    assert_eq!(others::names::<others::Other<u8, u8>>(), ["evolve"]);
}
