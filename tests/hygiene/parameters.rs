//! Type parameters have the names of what expansions use.

use annals::{Command, Event};

#[derive(Event)]
enum OrderEvent<E, A, C, S, D, T>
where
    E: ToString,
{
    Placed {
        event: E,
        #[tag]
        aggregate: A,
        #[tag]
        command: std::option::Option<C>,
    },
    Paid(std::collections::BTreeMap<S, D>),
    Sent {
        list: std::vec::Vec<T>,
    },
    Cancelled,
}

#[derive(Command)]
struct PlaceOrder<E, A, C, S, D, T> {
    #[id]
    id: E,
    rest: (A, C, S, D, T),
}

#[derive(Event)]
enum PaymentEvent<Result, Vec, Option, String, Box, Clone, Default> {
    Paid {
        #[tag]
        result: Result,
        vec: Vec,
        option: Option,
        #[serde(default)]
        string: String,
    },
    Sent(std::collections::BTreeMap<Box, std::vec::Vec<(Clone, Default)>>),
}

#[derive(Command)]
struct Pay<Result, Vec, Option, String, Send, Sync, Sized> {
    #[id]
    result: Result,
    vec: Vec,
    option: Option,
    #[serde(default)]
    string: String,
    rest: (Send, Sync, Sized),
}

#[allow(non_upper_case_globals, reason = "a word of the language is in lower case")]
#[derive(Event)]
enum r#enum<r#type, const r#match: usize> {
    r#in { r#where: r#type },
    r#for(r#type),
}

#[derive(Command)]
struct r#struct<Event, Command, Payload, Content, Display, Serialize, DeserializeOwned> {
    #[id]
    r#move: Display,
    rest: (Event, Command, Payload, Content, Serialize, DeserializeOwned),
}

fn pay() -> Pay<String, u8, u8, String, u8, u8, u8> {
    Pay { result: "a".to_owned(), vec: 1, option: 2, string: "b".to_owned(), rest: (3, 4, 5) }
}

#[test]
fn they_stand_for_what_the_user_says() {
    let pay = pay();
    let payload = pay.encode().unwrap();
    assert_eq!(payload.data, r#"{"result":"a","vec":1,"option":2,"string":"b","rest":[3,4,5]}"#);
    assert_eq!(Pay::<String, u8, u8, String, u8, u8, u8>::decode(&payload).unwrap().id(), "a");

    let placed = OrderEvent::<u8, u8, u8, u8, u8, u8>::Placed { event: 1, aggregate: 2, command: Some(3) };
    let tags: Vec<_> = placed.tags().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(tags, ["aggregate:2", "command:3"]);
    assert_eq!(placed.encode().unwrap().data, r#"{"event":1,"aggregate":2,"command":3}"#);

    let sent = r#enum::<u8, 1>::r#for(7);
    assert_eq!((sent.kind().name, sent.encode().unwrap().data.as_ref()), ("enum.for", &b"7"[..]));
}
