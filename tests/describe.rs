//! What an application consists of, as values and diagrams. The snapshots can be looked at on <https://mermaid.live>.

#[path = "describe/lines.rs"]
mod lines;
#[path = "describe/shop.rs"]
mod shop;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use annals::describe::{self, Action};
use annals::prelude::*;
use annals::saga::{Definition, InvalidSaga, RetryPolicy, StepError};
use annals::store::{Criterion, Filter, ViewName};
use annals::{EventName, MemoryStore};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, proptest};
use serde::{Deserialize, Serialize};
use shop::*;

#[derive(Serialize, Deserialize)]
struct Checkout {
    order: String,
    products: Vec<String>,
}

fn checkout() -> Result<Definition<Checkout>, InvalidSaga> {
    Definition::<Checkout>::named("checkout")
        .version(2)
        .deadline(Duration::from_secs(1_800))
        .starts_on(|event: &OrderEvent, context| match event {
            OrderEvent::Placed => {
                let order = context.stream_id().to_owned();
                Some((order.clone(), Checkout { order, products: Vec::new() }))
            }
            _ => None,
        })
        .step("reserve")
        .command(|it| it.products.iter().map(|product| Reserve { product: product.clone() }).collect::<Vec<_>>())
        .undo(|it| it.products.iter().map(|product| Release { product: product.clone() }).collect::<Vec<_>>())
        .step("look_up")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .nothing_to_undo()
        .step("charge")
        .activity_with(|_, _gateway: Arc<Gateway>| async { Ok::<_, StepError<Infallible>>(()) })
        .retry(RetryPolicy::attempts(9))
        .timeout(Duration::from_secs(90))
        .undo_activity_with(|_, _gateway: Arc<Gateway>| async { Ok::<_, StepError<Infallible>>(()) })
        .step("pay")
        .command(|it| (TakePayment { order: it.order.clone() }, None::<PlaceOrder>))
        .pivot()
        .step("tell")
        .activity_with(|_, _post: Arc<Arc<dyn Fn() + Send + Sync>>| async { Ok::<_, StepError<Infallible>>(()) })
        .build()
}

fn shop() -> annals::AppBuilder {
    let foreign = Criterion::new().name(EventName::new("parcel.lost").unwrap());
    let sink = Sink(ViewName::new("losses").unwrap(), Filter::events::<StockEvent>().or(foreign));
    App::new(Arc::new(MemoryStore::new()))
        .aggregate::<Order>()
        .aggregate::<Stock>()
        .projection::<Sales>()
        .sink(sink)
        .subscriber("mail", |_: Recorded<OrderEvent>| async { Ok(()) })
        .saga_with(checkout())
        .service(Catalogue)
        .service(Gateway)
        .service(Arc::new(|| ()) as Arc<dyn Fn() + Send + Sync>)
}

macro_rules! assert_snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn an_application_is_drawn_from_commands_to_readers() {
    assert_snapshot!("application", shop().describe().to_mermaid());
}

#[test]
fn a_description_is_data() {
    assert_snapshot!("application_json", serde_json::to_string_pretty(&shop().describe()).unwrap());
}

#[tokio::test]
async fn a_running_application_consists_of_what_was_added() {
    let app = shop().start().await.unwrap();
    assert_eq!(app.describe(), shop().describe());
    app.shutdown(Duration::from_secs(1)).await;
}

#[test]
fn an_aggregate_and_a_projection_are_described_by_their_types() {
    let order = describe::aggregate::<Order>();
    assert_eq!(order.commands[0].services, [std::any::type_name::<Catalogue>()]);
    assert_eq!((order.events[0].version, &order.events[0].aliases[..]), (2, &["order.bought".to_owned()][..]));
    assert_snapshot!("aggregate", order.to_mermaid());
    let sales = describe::projection::<Sales>();
    assert_eq!((sales.name.as_str(), sales.version), ("sales", Some(3)));
}

#[test]
fn a_saga_is_drawn_forward_and_back() {
    assert_snapshot!("saga", checkout().unwrap().describe().to_mermaid());
}

#[test]
fn a_saga_without_a_pivot_may_go_back_from_each_step_but_never_undoes_the_last_that_sends_commands() {
    let saga = Definition::<String>::named("transfer")
        .step("take")
        .command(|it| Reserve { product: it.clone() })
        .undo(|it| Release { product: it.clone() })
        .step("give")
        .command(|it| Reserve { product: it.clone() })
        .undo(|it| Release { product: it.clone() })
        .build();
    assert_snapshot!("saga_without_pivot", saga.unwrap().describe().to_mermaid());
}

#[test]
fn a_pivot_that_calls_the_outside_world_is_tried_again_where_its_outcome_is_unknown() {
    let saga = Definition::<String>::named("launch")
        .step("prepare")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .undo(|it| Release { product: it.clone() })
        .step("ignite")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .retry(RetryPolicy::attempts(1))
        .pivot()
        .build();
    let saga = saga.unwrap().describe();
    assert_eq!(saga.steps[1].action, Action::Activity { services: Vec::new() });
    assert_snapshot!("saga_with_activity_as_pivot", saga.to_mermaid());
}

#[test]
fn what_began_a_saga_is_drawn_as_a_step_that_does_nothing_and_is_undone_last() {
    let saga = Definition::<String>::named("sale")
        .step("begin")
        .nothing()
        .undo(|it| CancelOrder { order: it.clone() })
        .step("pay")
        .command(|it| TakePayment { order: it.clone() })
        .pivot()
        .build();
    let diagram = saga.unwrap().describe().to_mermaid();
    assert!(diagram.contains("do_begin[\"begin\"]\n") && !diagram.contains("\n    do_begin -."), "{diagram}");
    assert!(diagram.contains("do_pay -. no .-> undo_begin\n"), "{diagram}");
}

#[test]
fn a_saga_waits_for_events() {
    let paid = |event: &OrderEvent, _: &EventContext<'_>| match event {
        OrderEvent::Paid => Some(Ok(())),
        OrderEvent::Cancelled => Some(Err("cancelled")),
        OrderEvent::Placed => None,
    };
    let key = |_: &OrderEvent, context: &EventContext<'_>| Some(context.stream_id().to_owned());
    let reserved = |_: &StockEvent, _: &EventContext<'_>| Some(Ok::<_, Infallible>(()));
    let saga = Definition::<String>::named("delivery")
        .step("reserve")
        .command(|it| Reserve { product: it.clone() })
        .undo(|it| Release { product: it.clone() })
        .step("paid")
        .wait(key, paid)
        .timeout(Duration::from_secs(259_200))
        .step("rest")
        .wait(|_: &StockEvent, _: &EventContext<'_>| None, reserved)
        .or_after(Duration::from_secs(60))
        .pivot()
        .step("last")
        .wait(key, paid)
        .build();
    let saga = saga.unwrap();
    assert_snapshot!("saga_waiting", saga.describe().to_mermaid());
    let app = App::new(Arc::new(MemoryStore::new())).aggregate::<Order>().aggregate::<Stock>().saga_with(Ok(saga));
    let diagram = app.describe().to_mermaid();
    for line in ["events_order --> saga_delivery\n", "events_stock --> saga_delivery\n"] {
        assert!(diagram.contains(line), "{diagram}");
    }
}

#[test]
fn a_saga_reacts_to_events() {
    let key = |_: &OrderEvent, context: &EventContext<'_>| Some(context.stream_id().to_owned());
    let saga = Definition::<u32>::named("fulfilment")
        .starts_on(|_: &OrderEvent, context| Some((context.stream_id().to_owned(), 0)))
        .on(key, |_, _, _| Reserve { product: "P".into() })
        .on(|_: &StockEvent, _| None, |_, _, _| ())
        .rejected(|_, _: &Reserve, _| Release { product: "P".into() })
        .rejected(|_, _: &CancelOrder, _| ())
        .build();
    let saga = saga.unwrap();
    assert_snapshot!("saga_reacting", saga.describe().to_mermaid());
    let app = App::new(Arc::new(MemoryStore::new())).aggregate::<Order>().saga_with(Ok(saga));
    assert_snapshot!("application_reacting", app.describe().to_mermaid());
}

#[test]
fn a_part_that_the_application_lacks_is_drawn_outside() {
    let mail = |_: Recorded<StockEvent>| async { Ok(()) };
    let app = App::new(Arc::new(MemoryStore::new())).aggregate::<Order>().subscriber("mail", mail).saga_with(checkout());
    assert_snapshot!("application_with_parts_elsewhere", app.describe().to_mermaid());
}

#[test]
fn a_filter_decides_which_events_lead_to_a_reader() {
    let sink = |name, filter| Sink(ViewName::new(name).unwrap(), filter);
    let kind = |name| Criterion::new().name(EventName::new(name).unwrap());
    let category = |name| Criterion::new().category(annals::Category::new(name).unwrap());
    let app = App::new(Arc::new(MemoryStore::new()))
        .aggregate::<Order>()
        .aggregate::<Stock>()
        .sink(sink("everything", Filter::all()))
        .sink(sink("bought", kind("order.bought").into()))
        .sink(sink("tagged", kind("order.paid").tag(annals::Tag::new("customer", "ann").unwrap()).into()))
        .sink(sink("stock", category("stock").into()))
        .sink(sink("wrong_category", kind("order.paid").category(annals::Category::new("stock").unwrap()).into()))
        .sink(sink("sagas", category("$saga.checkout").into()));
    assert_snapshot!("filters", app.describe().to_mermaid());
}

proptest! {
    #[test]
    fn any_names_give_well_formed_diagrams(names in vec(any::<String>(), 12)) {
        let mut names = names.into_iter().cycle();
        let mut rename = |name: &mut String| *name = names.next().unwrap_or_default();
        let mut app = shop().describe();
        for aggregate in &mut app.aggregates {
            rename(&mut aggregate.category);
            aggregate.commands.iter_mut().for_each(|command| rename(&mut command.name));
            aggregate.events.iter_mut().for_each(|event| rename(&mut event.name));
            lines::assert_well_formed(&aggregate.to_mermaid());
        }
        app.projections.iter_mut().for_each(|projection| rename(&mut projection.name));
        app.subscribers.iter_mut().for_each(|subscriber| rename(&mut subscriber.name));
        for saga in &mut app.sagas {
            rename(&mut saga.name);
            for step in &mut saga.steps {
                rename(&mut step.name);
                match &mut step.action {
                    Action::Commands(commands) => commands.iter_mut().for_each(|command| {
                        rename(&mut command.aggregate);
                        rename(&mut command.name);
                    }),
                    Action::Activity { services } => services.iter_mut().for_each(&mut rename),
                    other => prop_assert!(false, "{other:?} is not renamed"),
                }
            }
            lines::assert_well_formed(&saga.to_mermaid());
        }
        lines::assert_well_formed(&app.to_mermaid());
    }
}
