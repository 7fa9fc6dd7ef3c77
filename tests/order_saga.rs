//! The order saga, run as its users run it.

#[path = "../examples/order_saga/audit.rs"]
mod audit;
#[path = "order_saga/program.rs"]
mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use annals::store::Append;
use annals::{
    AppendId, CorrelationId, EventId, EventName, EventStore, ExpectedVersion, Json, MemoryStore, Metadata, NewEvent, Payload,
    StreamId,
};
use program::{audited, example, outcomes, shop, stderr, stdout, succeed, url};
use serde_json::json;

/// How many orders are generated, unless `ANNALS_ORDERS` says otherwise.
fn generated() -> u64 {
    let given = std::env::var("ANNALS_ORDERS").ok().map(|orders| orders.parse().expect("ANNALS_ORDERS is a number"));
    given.unwrap_or(10_000)
}

const ENDS: [(&str, &str); 7] = [
    ("ORD001", "completed"),
    ("ORD002", "completed"),
    ("ORD003", "cancelled: reserve: 3 of P003 wanted, 2 left"),
    ("ORD004", "cancelled: charge: the card pays up to ₩5,000,000 at once"),
    ("ORD005", "cancelled: book_courier: the courier does not go to Dokdo, East Islet 1"),
    ("ORD006", "cancelled: ship: 25 pieces do not fit into a parcel of 20"),
    ("ORD007", "completed"),
];

fn ends() -> Vec<(String, String)> {
    ENDS.map(|(order, end)| (order.to_owned(), end.to_owned())).to_vec()
}

#[track_caller]
fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn each_order_ends_as_a_whole_on_memory() {
    let text = succeed(&mut shop("memory:"));
    assert_holds(&text, &["ORD001  CUST001  ₩1,600,000", "■ completed", "✗ reserve: 3 of P003 wanted, 2 left"]);
    assert_holds(&text, &["orders completed                       3", "payment failed                       1"]);
    assert_holds(&text, &["revenue                       ₩3,250,000", "14 messages to customers"]);
    assert_holds(&text, &["checkouts: 4 compensated, 3 completed", "balanced"]);
    assert!(!text.contains('\x1b'), "nobody sees colours in a pipe");
}

#[test]
fn each_order_ends_as_a_whole_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&mut shop(&url(&folder)));
    let audit = audited(&url(&folder));
    assert_eq!(outcomes(&audit), ends());
    assert_eq!(audit.phases(), [("compensated", 4), ("completed", 3)].into());
    assert_eq!(audit.problems, [""; 0]);
}

#[test]
fn each_order_ends_as_a_whole_on_postgres() {
    let schema = annals_testing::PostgresSchema::new();
    succeed(&mut shop(&schema.url()));
    let audit = audited(&schema.url());
    assert_eq!(outcomes(&audit), ends());
    assert_eq!(audit.phases(), [("compensated", 4), ("completed", 3)].into());
    assert_eq!(audit.problems, [""; 0]);
}

#[test]
fn what_was_done_is_undone_in_reverse() {
    let text = succeed(&mut shop("memory:"));
    let order = text.split("ORD006").nth(1).and_then(|rest| rest.split("ORD007").next()).unwrap();
    let steps: Vec<_> = order.lines().filter_map(|line| line.split_once("ms  ").map(|(_, step)| step)).collect();
    assert_eq!(steps[..3], ["✓ begin", "✓ reserve", "✓ charge"]);
    assert!(steps[3].starts_with("✓ book_courier: \"KR"), "{steps:?}");
    assert_eq!(
        steps[4..],
        [
            "✗ ship: 25 pieces do not fit into a parcel of 20",
            "↶ going back",
            "↶ book_courier undone",
            "↶ charge undone",
            "↶ reserve undone",
            "↶ begin undone",
            "■ cancelled"
        ]
    );
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&mut shop(&url(&folder)));
    let first = audited(&url(&folder));
    let text = succeed(&mut shop(&url(&folder)));
    let second = audited(&url(&folder));
    assert_holds(&text, &["line 1: ORD001 is already placed", "line 7: ORD007 is already placed"]);
    assert_eq!(second.events, first.events);
    assert_eq!((second.cases, second.shelves), (first.cases, first.shelves));
}

#[test]
fn a_line_that_is_wrong_is_named_and_the_rest_goes_on() {
    let text = succeed(&mut shop("memory:"));
    assert_holds(
        &text,
        &[
            "line 8: ORD001 is already placed\n",
            "line 9: ORD002 is already placed, with another content",
            "line 10: the bytes are not the expected JSON: EOF while parsing a value, column 77",
            "line 11: the total is ₩100,000, not ₩90,000",
            "line 12: the quantity of P002 is zero",
            "line 13: there is no product P999",
            "line 14: the total is more than can be written down",
        ],
    );
}

#[test]
fn a_file_is_read_whatever_its_line_ends_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.ndjson");
    let order = |id: &str| {
        format!(r#"{{"order":"{id}","customer":"C","address":"Jeju","lines":[{{"product":"P002","quantity":1}}],"total":50000}}"#)
    };
    let long = "x".repeat(2_000);
    let text = ["\u{feff}".to_owned() + &order("A"), String::new(), "[]".into(), order(""), order(&long), order("B")];
    fs::write(&file, text.join("\r\n")).unwrap();
    let output = shop("memory:").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert_holds(&text, &["line 3: ", "line 4: ", "line 5: ", "checkouts: 2 completed"]);
    assert!(!text.contains("line 1:") && !text.contains("line 6:"), "{text}");
}

#[test]
fn an_order_that_is_too_large_is_refused_before_it_is_half_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.ndjson");
    let order = |address: &str, lines: usize| {
        let total = 50_000 * lines;
        let lines = vec![json!({ "product": "P002", "quantity": 1 }); lines];
        json!({ "order": "A", "customer": "C", "address": address, "lines": lines, "total": total }).to_string()
    };
    fs::write(&file, [order("Jeju", 101), order(&"x".repeat(1 << 20), 1), order("Jeju", 0), order("Jeju", 20)].join("\n"))
        .unwrap();
    let text = succeed(shop("memory:").arg(&file));
    assert_holds(&text, &["line 1: an order has one to 100 lines, not 101", "line 2: the address has more than 1000 bytes"]);
    assert_holds(&text, &["line 3: an order has one to 100 lines, not 0", "checkouts: 1 completed"]);
}

#[test]
fn what_cannot_begin_says_why_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-utf8.ndjson");
    fs::write(&file, b"{}\n\xff\n").unwrap();
    let missing = folder.path().join("missing.ndjson");
    let unwritable = format!("sqlite:{}", folder.path().join("no/such/folder/shop.db").display());
    let refused = |store: &str, file: Option<&Path>, reason: &str| {
        let output = shop(store).args(file).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        assert_holds(&stderr(&output), &["error: ", reason]);
    };
    refused("memory:", Some(&file), "is not UTF-8: look at line 2");
    refused("memory:", Some(&missing), "missing.ndjson cannot be read: ");
    refused("memory:", Some(folder.path()), "cannot be read: ");
    refused("oracle:shop", None, "there is no store for `oracle:`; this program has `memory:`, `sqlite:`, `postgres:`");
    refused("shop.db", None, "`shop.db` is not the URL of a store");
    refused(&unwritable, None, "shop.db");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = shop("memory:").spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn many_orders_of_which_a_fifth_fails_balance() {
    let orders = generated();
    let folder = tempfile::tempdir().unwrap();
    let text = succeed(shop(&url(&folder)).args(["--quiet", "--generate", &orders.to_string()]));
    println!("{}", text.trim());
    let audit = audited(&url(&folder));
    assert_eq!(audit.problems, [""; 0]);
    assert_eq!(audit.cases.len() as u64, orders);
    let failed = |step: &str| {
        let start = format!("cancelled: {step}: ");
        audit.cases.values().filter(|case| case.outcome.starts_with(&start)).count() as u64
    };
    for step in ["reserve", "charge", "book_courier", "ship"] {
        assert!(failed(step) > orders / 100, "{} orders failed at {step}", failed(step));
    }
    let cancelled = audit.cases.values().filter(|case| case.outcome.starts_with("cancelled")).count() as u64;
    assert!((orders * 15 / 100..orders * 25 / 100).contains(&cancelled), "{cancelled} of {orders} were cancelled");
}

#[tokio::test]
async fn the_audit_sees_what_does_not_add_up() {
    let good = [
        ("stock", "P", "stock.received", json!({ "quantity": 5 })),
        ("order", "A", "order.placed", json!({ "total": 10, "lines": [{ "product": "P", "quantity": 2 }] })),
        ("stock", "P", "stock.reserved", json!({ "order": "A", "quantity": 2 })),
        ("payment", "A", "payment.charged", json!({ "amount": 10 })),
        ("shipment", "A", "shipment.shipped", json!({})),
        ("stock", "P", "stock.handed_over", json!({ "order": "A", "quantity": 2 })),
        ("order", "A", "order.completed", json!({})),
        ("$saga.checkout", "A", "$saga.completed", json!({})),
    ];
    assert_eq!(problems(&good).await, [""; 0]);
    let wrong = [
        (("stock", "P", "stock.reserved", json!({ "order": "B", "quantity": 1 })), "P: 1 still reserved for B"),
        (("stock", "P", "stock.reserved", json!({ "order": "B", "quantity": 9 })), "P: 9 reserved for B, 3 left"),
        (("stock", "P", "stock.released", json!({ "order": "A", "quantity": 2 })), "P: 2 released for A, 0 reserved"),
        (("payment", "A", "payment.charged", json!({ "amount": 10 })), "A: it was charged more than once"),
        (("payment", "A", "payment.refunded", json!({ "amount": 10 })), "A: the money is wrong"),
        (("shipment", "A", "shipment.shipped", json!({})), "A: it was shipped and not completed"),
        (("order", "A", "order.cancelled", json!({})), "A: an event order.cancelled when it was \"completed\""),
        (("order", "B", "order.placed", json!({ "total": 1, "lines": [] })), "B: it is neither completed nor cancelled"),
        (("$saga.checkout", "A", "$saga.compensated_fully", json!({})), "A: its checkout ended otherwise"),
    ];
    for (event, problem) in wrong {
        let log: Vec<_> = good.iter().cloned().chain([event]).collect();
        let found = problems(&log).await;
        assert!(found.iter().any(|found| found.starts_with(problem)), "{problem:?} is not among {found:#?}");
    }
    let missing = problems(&good[..7]).await;
    assert!(missing[0].starts_with("A: its checkout ended otherwise"), "{missing:?}");
}

/// What the audit finds in a log of these events.
async fn problems(log: &[(&str, &str, &'static str, Json)]) -> Vec<String> {
    let (store, env) = (MemoryStore::new(), annals::system_env());
    for (category, id, name, body) in log {
        let event = NewEvent {
            id: EventId::generate(&env),
            name: EventName::from_static(name),
            schema_version: 1,
            payload: Payload::json(body).unwrap(),
            metadata: Metadata::new(env.now(), CorrelationId::generate(&env)).encode(),
            tags: Vec::new(),
        };
        let stream = StreamId::new(category, id).unwrap();
        let append = Append::new(AppendId::generate(&env)).stream(stream, ExpectedVersion::Any, vec![event]);
        store.append(append).await.unwrap();
    }
    audit::audit(&store).await.unwrap().problems
}

#[test]
fn the_small_examples_say_what_they_promise() {
    let text = succeed(&mut Command::new(example("quickstart")));
    assert_eq!(text, "1 seat is taken; rejected: Ann sits there\n");

    let folder = tempfile::tempdir().unwrap();
    let text = succeed(Command::new(example("swap_store")).args(["memory:", &url(&folder), &url(&folder)]));
    let results: Vec<_> = text.lines().step_by(2).collect();
    assert_eq!(results, ["lent 2 times, now to bob; rejected: ann has it; version 3"; 3]);
}

#[test]
fn the_diagrams_in_the_book_are_those_of_the_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/book/src/diagrams");
    let mut found = 0;
    for file in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap();
        let [program, what, "mmd"] = name.split('.').collect::<Vec<_>>()[..] else {
            panic!("{name} says no example that draws it: EXAMPLE.WHAT.mmd");
        };
        let drawn = succeed(Command::new(example(program)).arg(format!("--describe={what}")));
        assert_eq!(fs::read_to_string(&file).unwrap(), drawn, "{name} is out of date: run `cargo xtask diagrams`");
        found += 1;
    }
    assert!(found > 0, "there are no diagrams in {}", folder.display());
}
