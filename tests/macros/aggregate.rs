use annals::{
    Aggregate, Behaviour, CommandId, Context, CorrelationId, Evolve, Handle, Metadata, PrepareError, Routed, Services, StreamId,
    Tenant, Timestamp, Version, aggregate,
};

use super::domain::{CancelOrder, Order, OrderError, OrderEvent, PayOrder, PlaceOrder, Prices};

fn context() -> Context {
    let metadata = Metadata::new(Timestamp::EPOCH, CorrelationId::from_bytes([1; 16]));
    Context::new(CommandId::from_bytes([1; 16]), StreamId::new("order", "A").unwrap(), Version::default(), metadata)
}

fn place() -> PlaceOrder {
    PlaceOrder { order: "A".to_owned(), customer: "C1".to_owned(), total: 7 }
}

#[test]
fn an_aggregate_knows_its_stream_and_commands() {
    assert_eq!(Order::stream(&Tenant::NONE, &"A".to_owned()).unwrap(), StreamId::new("order", "A").unwrap());
    let names: Vec<_> = Order::COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(names, ["place_order", "order.cancel", "pay_order"]);
}

#[test]
fn a_command_knows_its_aggregate() {
    fn category<C: Routed>() -> &'static str {
        C::Aggregate::CATEGORY
    }
    assert_eq!(category::<PlaceOrder>(), "order");
}

#[test]
fn a_decision_gets_facts_and_context() {
    let events = Order::New.decide(place(), &3, &context()).unwrap();
    let expected = OrderEvent::Placed { customer: "C1".into(), code: Some("A".into()), total: 21, currency: "EUR".into() };
    assert_eq!(events, [expected]);
    assert_eq!(Order::Paid.decide(place(), &3, &context()), Err(OrderError::NotNew));
}

#[test]
fn a_decision_may_be_no_event_or_several() {
    let cancel = || CancelOrder { order: "A".to_owned() };
    assert_eq!(Order::New.decide(cancel(), &(), &context()).unwrap().len(), 1);
    assert!(Order::Ended.decide(cancel(), &(), &context()).unwrap().is_empty());
    let paid = Order::Placed.decide(PayOrder { order: "A".to_owned() }, &(), &context()).unwrap();
    assert_eq!(paid.len(), 2);
}

#[test]
fn events_change_the_state() {
    let mut order = Order::New;
    order.evolve(&OrderEvent::Paid);
    assert_eq!(order, Order::Paid);
}

#[tokio::test]
async fn a_preparation_borrows_its_services() {
    let mut services = Services::default();
    let missing = <Order as Handle<PlaceOrder>>::prepare(&place(), &services).await.unwrap_err();
    assert!(matches!(missing, PrepareError::Service(service) if service.name.ends_with("Prices")));

    services.insert(Prices(3));
    assert_eq!(<Order as Handle<PlaceOrder>>::prepare(&place(), &services).await.unwrap(), 3);

    services.insert(Prices(0));
    let refused = <Order as Handle<PlaceOrder>>::prepare(&place(), &services).await.unwrap_err();
    assert!(matches!(refused, PrepareError::Rejected(OrderError::NoPrice)));
}

#[test]
fn the_services_of_each_command_are_known_beforehand() {
    let services = |at: usize| (Order::COMMANDS[at].services)();
    assert!(services(0)[0].name().ends_with("Prices"));
    assert!(services(1).is_empty());
}

#[test]
fn a_command_of_another_crate_may_have_several_aggregates() {
    #[aggregate(id = String, event = OrderEvent)]
    #[derive(Default)]
    struct Archive;

    #[aggregate]
    impl Archive {
        #[command(foreign)]
        fn keep(&self, _command: &PlaceOrder) -> Result<[OrderEvent; 0], OrderError> {
            Ok([])
        }

        #[event]
        fn evolve(&mut self, _event: &OrderEvent) {}
    }

    assert!(Archive.decide(place(), &(), &context()).unwrap().is_empty());
    assert_eq!(Archive::COMMANDS[0].name, "place_order");
}
