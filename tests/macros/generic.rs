//! Events and commands with parameters: what they ask of them is what their fields need.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use annals::{Command, Event};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Event, Debug, PartialEq)]
enum CatalogueEvent<T, K = T>
where
    K: Display,
{
    Listed {
        item: T,
        #[tag]
        shelf: Option<K>,
    },
    Bundled {
        items: Vec<T>,
        #[tag]
        key: K,
    },
    Held(Held<T>),
    Cleared,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Held<T> {
    item: T,
}

#[derive(Command, Debug, PartialEq)]
#[serde(default)]
struct List<I: Display, T> {
    #[id]
    id: Id<I>,
    item: T,
    #[serde(skip)]
    seen: Option<T>,
}

impl<I: Display, T: Default> Default for List<I, T> {
    fn default() -> Self {
        Self { id: Id("new".to_owned(), PhantomData), item: T::default(), seen: None }
    }
}

/// What it identifies is a mark alone: it has no serde and is not `Clone`.
#[derive(Debug, PartialEq)]
struct Id<I>(String, PhantomData<I>);

#[derive(Debug, PartialEq)]
struct Mark;

impl Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mark")
    }
}

impl<I> Display for Id<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<I> Clone for Id<I> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<I> Serialize for Id<I> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, I> Deserialize<'de> for Id<I> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text, PhantomData))
    }
}

fn body<E: Event + PartialEq + fmt::Debug>(event: &E) -> String {
    let payload = event.encode().unwrap();
    assert_eq!(&E::from_payload(event.kind(), &payload).unwrap(), event);
    String::from_utf8(payload.data.to_vec()).unwrap()
}

#[test]
fn an_event_has_the_form_of_what_it_is_for() {
    type Numbers = CatalogueEvent<u8, String>;
    assert_eq!(body(&Numbers::Listed { item: 3, shelf: Some("a".into()) }), r#"{"item":3,"shelf":"a"}"#);
    assert_eq!(body(&Numbers::Bundled { items: vec![1, 2], key: "k".into() }), r#"{"items":[1,2],"key":"k"}"#);
    assert_eq!(body(&CatalogueEvent::<_>::Held(Held { item: "a".to_owned() })), r#"{"item":"a"}"#);
    assert_eq!(body(&Numbers::Cleared), "{}");
    let names = |kinds: &[annals::EventKind]| kinds.iter().map(|kind| kind.name).collect::<Vec<_>>();
    assert_eq!(names(Numbers::KINDS), names(CatalogueEvent::<String>::KINDS));
    let event = Numbers::Bundled { items: Vec::new(), key: "k".into() };
    assert_eq!(event.tags().unwrap()[0].as_str(), "key:k");
}

#[test]
fn the_bounds_are_those_of_the_fields() {
    fn is_event<T, K>() -> bool
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        K: Serialize + DeserializeOwned + Send + Sync + 'static + Display,
    {
        fn check<E: Event>() -> bool {
            E::KINDS.len() == 4
        }
        check::<CatalogueEvent<T, K>>()
    }
    assert!(is_event::<u8, String>());
}

#[test]
fn a_command_has_the_form_of_what_it_is_for() {
    let list = || List { id: Id::<Mark>("A".into(), PhantomData), item: vec![1], seen: Some(vec![2]) };
    assert_eq!((List::<Mark, Vec<u8>>::NAME, list().id().to_string()), ("list", "A".to_owned()));
    assert_eq!(list().duplicate(), list());
    let payload = list().encode().unwrap();
    assert_eq!(payload.data, r#"{"id":"A","item":[1]}"#);
    assert_eq!(List::decode(&payload).unwrap(), List { seen: None, ..list() });
    let empty = annals::Payload::json(&BTreeMap::<u8, u8>::new()).unwrap();
    assert_eq!(List::<Mark, u8>::decode(&empty).unwrap().id.0, "new");
}

#[test]
fn a_parameter_may_be_a_number() {
    #[derive(Event, Debug, PartialEq)]
    enum SeatEvent<const N: usize> {
        Taken {
            #[serde(with = "row")]
            row: [bool; N],
        },
    }

    mod row {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(super) fn serialize<S: Serializer, const N: usize>(row: &[bool; N], serializer: S) -> Result<S::Ok, S::Error> {
            row.as_slice().serialize(serializer)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[bool; N], D::Error> {
            let row = Vec::<bool>::deserialize(deserializer)?;
            row.try_into().map_err(|row: Vec<_>| serde::de::Error::invalid_length(row.len(), &"another number of seats"))
        }
    }

    #[derive(Command)]
    struct TakeSeat<const N: usize> {
        #[id]
        id: Seat<N>,
    }

    #[derive(Clone, Serialize, Deserialize)]
    struct Seat<const N: usize>;

    impl<const N: usize> Display for Seat<N> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            N.fmt(f)
        }
    }

    assert_eq!(body(&SeatEvent::<2>::Taken { row: [true, false] }), r#"{"row":[true,false]}"#);
    assert_eq!(TakeSeat { id: Seat::<7> }.duplicate().id().to_string(), "7");
}

#[test]
fn a_field_may_have_a_type_that_belongs_to_the_parameter() {
    trait Kind: 'static {
        type Content: Clone + PartialEq + fmt::Debug;
    }

    #[derive(Debug, PartialEq)]
    struct Book;

    impl Kind for Book {
        type Content = String;
    }

    #[derive(Event, Debug, PartialEq)]
    enum StockEvent<K: Kind> {
        Taken { content: K::Content, others: Vec<<K as Kind>::Content> },
        Left { kind: PhantomData<Self> },
    }

    let event = StockEvent::<Book>::Taken { content: "a".into(), others: vec!["b".into()] };
    assert_eq!(body(&event), r#"{"content":"a","others":["b"]}"#);
}

#[test]
fn serde_may_say_the_bounds() {
    #[derive(Event, Debug)]
    enum SharedEvent<T, U> {
        Shared {
            #[serde(
                serialize_with = "write",
                deserialize_with = "read",
                bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>")
            )]
            item: Arc<Mutex<T>>,
        },
        Other {
            other: T,
        },
        #[serde(bound = "U: Serialize + DeserializeOwned")]
        Named {
            named: Vec<U>,
        },
    }

    #[derive(Command)]
    #[serde(bound(serialize = "T: ToString", deserialize = "T: Parsed"))]
    struct Share<T> {
        #[id]
        id: String,
        #[serde(serialize_with = "as_text", deserialize_with = "of_text")]
        item: T,
    }

    trait Parsed {
        fn parsed(text: String) -> Self;
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Word(String);

    impl Parsed for Word {
        fn parsed(text: String) -> Self {
            Self(text)
        }
    }

    impl Display for Word {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    fn as_text<T: ToString, S: serde::Serializer>(item: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&item.to_string())
    }

    fn of_text<'de, T: Parsed, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer).map(T::parsed)
    }

    fn write<T: Serialize, S: serde::Serializer>(item: &Arc<Mutex<T>>, serializer: S) -> Result<S::Ok, S::Error> {
        item.lock().unwrap().serialize(serializer)
    }

    fn read<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Arc<Mutex<T>>, D::Error> {
        T::deserialize(deserializer).map(|item| Arc::new(Mutex::new(item)))
    }

    type Numbers = SharedEvent<u8, u8>;
    let shared = Numbers::Shared { item: Arc::new(Mutex::new(7)) };
    let payload = shared.encode().unwrap();
    assert_eq!(payload.data, r#"{"item":7}"#);
    let Numbers::Shared { item } = Numbers::from_payload(shared.kind(), &payload).unwrap() else { panic!("another variant") };
    assert_eq!(*item.lock().unwrap(), 7);
    assert_eq!(Numbers::Named { named: vec![1] }.encode().unwrap().data, r#"{"named":[1]}"#);

    let share = Share { id: "A".to_owned(), item: Word("b".to_owned()) };
    assert_eq!(Share::<Word>::decode(&share.encode().unwrap()).unwrap().item, share.item);
}

#[test]
fn each_instantiation_may_have_names_of_its_own() {
    trait Kind: 'static {
        const NAME: &'static str;
    }

    struct Book;
    struct Car;

    impl Kind for Book {
        const NAME: &'static str = "shop.book";
    }

    impl Kind for Car {
        const NAME: &'static str = "car";
    }

    #[derive(Event)]
    #[event(name = K::NAME)]
    enum KindEvent<K: Kind> {
        Listed {
            kind: PhantomData<K>,
        },
        #[event(name = "gone")]
        Sold,
        #[event(name = "cashier.paid", alias = "cashier.payed")]
        Paid,
    }

    let names = |kinds: &'static [annals::EventKind]| kinds.iter().map(|kind| kind.name).collect::<Vec<_>>();
    assert_eq!(names(KindEvent::<Book>::KINDS), ["shop.book.listed", "shop.book.gone", "cashier.paid"]);
    assert_eq!(names(KindEvent::<Car>::KINDS), ["car.listed", "car.gone", "cashier.paid"]);
    let event = KindEvent::<Car>::Listed { kind: PhantomData::<Car> };
    assert_eq!(event.kind().name, "car.listed");
    let payload = event.encode().unwrap();
    assert!(KindEvent::<Car>::from_payload(event.kind(), &payload).is_ok());
    assert!(KindEvent::<Book>::from_payload(event.kind(), &payload).is_err());
    assert_eq!(KindEvent::<Car>::Sold.kind().name, "car.gone");
    assert_eq!(KindEvent::<Car>::Paid.kind().aliases, ["cashier.payed"]);
}
